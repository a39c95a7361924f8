"""What the writer thread executes inside one transaction (reliability.md §2.3, U8, U9)."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from angzarr_append import Answer, Known, decide
from angzarr_ports import Faults
from angzarr_rows import (
    change_statements,
    command_of,
    command_row,
    event_row,
    letter_of,
    letter_values,
    reaction_of,
)
from angzarr_store import (
    EMPTY_CHAIN,
    Advance,
    Batch,
    Change,
    CommandRow,
    FencedError,
    Head,
    InvariantError,
    Lease,
    Letter,
    ReactionState,
    RootKey,
)
from angzarr_store_sqlite._editions import insert_branches, read_fork
from angzarr_store_sqlite._statements import LAYOUT, STATEMENTS

UNSETTLED = {ReactionState.OWED, ReactionState.PARKED, ReactionState.DUE}

ResultT_co = TypeVar("ResultT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Batches of one domain, appended by the holder of `epoch`."""

    domain: str
    epoch: int
    group: Sequence[Batch]
    faults: Faults

    def execute(self, connection: sqlite3.Connection) -> list[Answer]:
        """Do A2 to A8; return one answer per batch."""
        head = read_head(connection, self.domain)
        self.faults.at("K7")
        known = self._known(connection, head)
        if head.epoch != self.epoch:
            return self._fenced(known)
        decision = decide(self.domain, self.group, known)
        events = [event_row(self.domain, event) for event in decision.events]
        commands = [command_row(self.domain, row) for row in decision.commands]
        connection.executemany(STATEMENTS["insert_event"], events)
        connection.executemany(STATEMENTS["insert_command"], commands)
        insert_branches(connection, self.domain, decision)
        if events:
            self._move_head(connection, head, decision.head)
        self.faults.at("K8")
        return decision.answers

    def _known(self, connection: sqlite3.Connection, head: Head) -> Known:
        commands: dict[str, CommandRow] = {}
        nexts: dict[RootKey, int] = {}
        for batch in self.group:
            row = find_command(connection, self.domain, batch.command_id)
            if row is not None:
                commands[batch.command_id] = row
            if batch.key not in nexts:
                nexts[batch.key] = read_next(connection, self.domain, batch.key)
        pages = {id_: read_pages(connection, self.domain, row) for id_, row in commands.items()}
        forks = {key: read_fork(connection, self.domain, key) for key in nexts if not key.is_main}
        return Known(head=head, commands=commands, next_sequences=nexts, pages=pages, forks=forks)

    def _fenced(self, known: Known) -> list[Answer]:
        error = FencedError(f"Coordinator of domain {self.domain}", self.epoch)
        recalled = [batch for batch in self.group if batch.command_id in known.commands]
        answers = iter(decide(self.domain, recalled, known).answers)
        return [next(answers) if batch in recalled else error for batch in self.group]

    def _move_head(self, connection: sqlite3.Connection, old: Head, new: Head) -> None:
        moved = connection.execute(
            STATEMENTS["update_head"],
            {
                "domain": self.domain,
                "position": new.position,
                "chain": new.chain,
                "old": old.position,
                "epoch": self.epoch,
            },
        )
        if moved.rowcount != 1:
            raise InvariantError(f"head of {self.domain} moved under its lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeEpoch:
    """Become the only appender of a domain."""

    domain: str

    def execute(self, connection: sqlite3.Connection) -> Head:
        """Raise the epoch and return the head."""
        names = {"domain": self.domain, "chain": EMPTY_CHAIN, "layout": LAYOUT}
        connection.execute(STATEMENTS["insert_head"], names)
        connection.execute(STATEMENTS["update_epoch"], {"domain": self.domain})
        return read_head(connection, self.domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire:
    """Take a subscription."""

    subscriber: str
    domain: str

    def execute(self, connection: sqlite3.Connection) -> Lease:
        """Raise the subscription's epoch and return the lease."""
        names = {"subscriber": self.subscriber, "domain": self.domain}
        connection.execute(STATEMENTS["insert_subscription"], {**names, "chain": EMPTY_CHAIN})
        row = connection.execute(STATEMENTS["select_subscription"], names).fetchone()
        return Lease(
            subscriber=self.subscriber,
            domain=self.domain,
            position=row[0],
            chain=row[1],
            epoch=row[2],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitChanges:
    """The changes of one subscriber, all or none."""

    lease: Lease
    changes: Sequence[Change]
    faults: Faults

    def execute(self, connection: sqlite3.Connection) -> FencedError | None:
        """Make the changes; a fenced lease makes none."""
        fault = self.fault(connection)
        if fault is None:
            self.make(connection)
        return fault

    def fault(self, connection: sqlite3.Connection) -> FencedError | None:
        """Return why the changes may not be made, None if they may."""
        row = connection.execute(STATEMENTS["select_subscription"], self._names()).fetchone()
        fenced = FencedError(f"Subscription {self.lease.subscriber}", self.lease.epoch)
        if row is None or row[2] != self.lease.epoch:
            return fenced
        position = row[0]
        for change in self.changes:
            if isinstance(change, Advance) and change.old != position:
                return fenced
            position = change.new if isinstance(change, Advance) else position
        return None

    def make(self, connection: sqlite3.Connection) -> None:
        """Make the changes of a lease that is not fenced."""
        for change in self.changes:
            for name, values in change_statements(change):
                connection.execute(STATEMENTS[name], {**self._names(), **values})
                self.faults.at("Q5")

    def _names(self) -> dict[str, object]:
        lease = self.lease
        return {"subscriber": lease.subscriber, "domain": lease.domain, "epoch": lease.epoch}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReplay:
    """The letters that an operator wants tried again."""

    ids: Sequence[str]

    def execute(self, connection: sqlite3.Connection) -> None:
        """Set those that are parked to replay."""
        wanted = [{"id": id_} for id_ in self.ids]
        connection.executemany(STATEMENTS["update_letter_replay"], wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardLetter:
    """The letter that an operator gives up."""

    id: str
    note: str

    def execute(self, connection: sqlite3.Connection) -> bool:
        """Discard it and what it is about; what else is open gets a letter of its own."""
        values = {"id": self.id, "note": self.note}
        if not connection.execute(STATEMENTS["update_letter_discarded"], values).rowcount:
            return False
        row = connection.execute(STATEMENTS["select_filed_letter"], values).fetchone()
        letter = letter_of(row)
        names = {name: getattr(letter, name) for name in ("subscriber", "domain", "position")}
        about = {**names, "command_id": letter.command_id}
        connection.execute(STATEMENTS["update_reactions_discarded"], about)
        found = connection.execute(STATEMENTS["select_event_reactions"], names).fetchall()
        if any(reaction_of(it).state in UNSETTLED for it in found):
            successor = replace(letter, note="").successor()
            connection.execute(STATEMENTS["insert_letter"], letter_values(successor))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLetter:
    """A letter of an aggregate."""

    letter: Letter

    def execute(self, connection: sqlite3.Connection) -> None:
        """Insert or replace it."""
        connection.execute(STATEMENTS["insert_letter"], letter_values(self.letter))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Nothing, committed: it proves that the writer can."""

    def execute(self, connection: sqlite3.Connection) -> None:
        """Touch the database."""
        connection.execute(STATEMENTS["select_domains"]).fetchall()


class Operation(Protocol[ResultT_co]):
    """What the writer executes inside a transaction that it shares with others."""

    def execute(self, connection: sqlite3.Connection) -> ResultT_co:
        """Read and write; return the answer, which is given after the commit."""


def read_head(connection: sqlite3.Connection, domain: str) -> Head:
    """Return the head row of a domain that has one."""
    row = connection.execute(STATEMENTS["select_head"], {"domain": domain}).fetchone()
    return Head(position=row[0], epoch=row[1], chain=row[2])


def find_command(connection: sqlite3.Connection, domain: str, id_: str) -> CommandRow | None:
    """Return the row of a command id, or None."""
    row = connection.execute(STATEMENTS["select_command"], (domain, id_)).fetchone()
    return None if row is None else command_of(row)


def read_next(connection: sqlite3.Connection, domain: str, key: RootKey) -> int:
    """Return the sequence that the next event of a root gets."""
    row = connection.execute(
        STATEMENTS["select_last_sequence"], (domain, key.edition, key.root)
    ).fetchone()
    return 0 if row is None else int(row[0]) + 1


def read_pages(connection: sqlite3.Connection, domain: str, row: CommandRow) -> tuple[bytes, ...]:
    """Return the pages that a command stored."""
    last = row.first_sequence + row.count - 1
    found = connection.execute(
        STATEMENTS["select_root_events"],
        (domain, row.key.edition, row.key.root, row.first_sequence, last),
    )
    return tuple(event[9] for event in found)
