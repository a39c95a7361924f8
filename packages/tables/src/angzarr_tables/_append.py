"""The append of a group, and what becomes of the head of a log (reliability.md §2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from angzarr_append import Answer, Known, decide
from angzarr_ports import Faults
from angzarr_rows import Row, command_of, command_row, event_row
from angzarr_store import (
    EMPTY_CHAIN,
    Batch,
    CommandRow,
    FencedError,
    Head,
    InvariantError,
    RootKey,
)
from angzarr_tables._editions import put_branches, read_fork
from angzarr_tables._steps import Ask, AskEach, Operation, Put, Steps

PAGE = 9
COMMAND_ID = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Append(Operation[list[Answer]]):
    """Batches of one domain, appended by the holder of `epoch`."""

    domain: str
    epoch: int
    group: Sequence[Batch]
    faults: Faults

    @override
    def steps(self, *, again: bool) -> Steps[list[Answer]]:
        """Do A2 to A8; return one answer per batch."""
        head = yield from lock_head(self.domain)
        self.faults.at("K7")
        known = yield from self._known(head)
        if head.epoch != self.epoch:
            return self._fenced(known)
        decision = decide(self.domain, self.group, known)
        events = [event_row(self.domain, event) for event in decision.events]
        yield Put("insert_event", events)
        yield Put("insert_command", [command_row(self.domain, it) for it in decision.commands])
        yield from put_branches(self.domain, decision)
        if events:
            yield from self._move_head(head, decision.head)
        self.faults.at("K8")
        return decision.answers

    def _known(self, head: Head) -> Steps[Known]:
        ids = dict.fromkeys(batch.command_id for batch in self.group)
        keys = dict.fromkeys(batch.key for batch in self.group)
        commands = yield from find_commands(self.domain, list(ids))
        nexts = dict.fromkeys(keys, 0)
        heads = [(self.domain, key.edition, key.root) for key in keys]
        for edition, root, last in (yield AskEach("select_heads", heads)):
            nexts[RootKey(edition=edition, root=root)] = last + 1
        pages = yield from _pages(self.domain, commands)
        forks = {}
        for key in keys:
            if not key.is_main:
                forks[key] = yield from read_fork(self.domain, key)
        return Known(head=head, commands=commands, next_sequences=nexts, pages=pages, forks=forks)

    def _fenced(self, known: Known) -> list[Answer]:
        error = FencedError(f"Coordinator of domain {self.domain}", self.epoch)
        recalled = [batch for batch in self.group if batch.command_id in known.commands]
        answers = iter(decide(self.domain, recalled, known).answers)
        return [next(answers) if batch in recalled else error for batch in self.group]

    def _move_head(self, old: Head, new: Head) -> Steps[None]:
        names = {"domain": self.domain, "position": new.position, "chain": new.chain}
        moved = yield Ask("update_head", {**names, "old": old.position, "epoch": self.epoch})
        if len(moved) != 1:
            raise InvariantError(f"head of {self.domain} moved under its lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEpoch(Operation[Head]):
    """Become the only appender of a domain."""

    domain: str
    layout: int

    @override
    def steps(self, *, again: bool) -> Steps[Head]:
        """Raise the epoch and return the head."""
        names = {"domain": self.domain, "chain": EMPTY_CHAIN, "layout": self.layout}
        yield Ask("insert_head", names)
        yield Ask("update_epoch", {"domain": self.domain})
        return (yield from lock_head(self.domain))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Operation[None]):
    """Nothing, committed: it proves that the writer can."""

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Touch the database."""
        yield Ask("select_domains", {})


def lock_head(domain: str) -> Steps[Head]:
    """Return the head row of a domain that has one; nobody else moves it until the commit."""
    ((position, epoch, chain),) = yield Ask("lock_head", {"domain": domain})
    return Head(position=position, epoch=epoch, chain=chain)


def find_commands(domain: str, ids: Sequence[str]) -> Steps[dict[str, CommandRow]]:
    """Return the rows of those command ids that have one."""
    found = yield AskEach("select_command", [(domain, id_) for id_ in ids])
    return {command.command_id: command for command in map(command_of, found)}


def _pages(domain: str, commands: dict[str, CommandRow]) -> Steps[dict[str, tuple[bytes, ...]]]:
    """Return the pages that commands stored, by command id."""
    found: dict[str, list[bytes]] = {id_: [] for id_ in commands}
    rows = yield AskEach("select_pages", [_span(domain, it) for it in commands.values()])
    for row in rows:
        found[row[COMMAND_ID]].append(row[PAGE])
    return {id_: tuple(pages) for id_, pages in found.items()}


def _span(domain: str, row: CommandRow) -> Row:
    last = row.first_sequence + row.count - 1
    return (domain, row.key.edition, row.key.root, row.first_sequence, last)
