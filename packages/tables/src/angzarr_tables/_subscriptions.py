"""What a transaction reads and writes for subscribers (reliability.md U8, U9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from typing_extensions import override

from angzarr_ports import Faults
from angzarr_rows import change_statements, letter_of, letter_values, reaction_of
from angzarr_store import (
    EMPTY_CHAIN,
    Advance,
    Change,
    FencedError,
    ForgetSubscription,
    Lease,
    Letter,
    LetterState,
    ReactionState,
)
from angzarr_tables._steps import Ask, Operation, Put, Steps

UNSETTLED = {ReactionState.OWED, ReactionState.PARKED, ReactionState.DUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire(Operation[Lease]):
    """Take a subscription."""

    subscriber: str
    domain: str

    @override
    def steps(self, *, again: bool) -> Steps[Lease]:
        """Raise the subscription's epoch and return the lease."""
        names = {"subscriber": self.subscriber, "domain": self.domain, "chain": EMPTY_CHAIN}
        (row,) = yield Ask("insert_subscription", names)
        return lease_of(self.subscriber, self.domain, row)


def lease_of(subscriber: str, domain: str, row: Sequence[object]) -> Lease:
    """Return the lease of a row of `insert_subscription`."""
    names = dict(zip(("position", "chain", "epoch"), row, strict=True))
    return Lease(subscriber=subscriber, domain=domain, **names)  # type: ignore[arg-type]  # columns have their types


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitChanges(Operation[FencedError | None]):
    """The changes of one subscriber, all or none."""

    lease: Lease
    changes: Sequence[Change]
    faults: Faults

    @override
    def steps(self, *, again: bool) -> Steps[FencedError | None]:
        """Make the changes; a fenced lease makes none."""
        rows = yield Ask("select_subscription", self._names())
        if again and (self._is_made(*rows[0]) if rows else self._is_forgotten()):
            return None
        fault = self._fault(*rows[0]) if rows else self._fenced()
        if fault is None:
            yield from self.make()
        return fault

    def fault(self) -> Steps[FencedError | None]:
        """Return why the changes may not be made, None if they may."""
        rows = yield Ask("select_subscription", self._names())
        return self._fault(*rows[0]) if rows else self._fenced()

    def make(self) -> Steps[None]:
        """Make the changes of a lease that is not fenced."""
        for change in self.changes:
            for name, values in change_statements(change):
                yield Ask(name, {**self._names(), **values})
                self.faults.at("Q5")

    def _fault(self, position: int, _: bytes, epoch: int) -> FencedError | None:
        if epoch != self.lease.epoch:
            return self._fenced()
        for change in self.changes:
            if isinstance(change, Advance) and change.old != position:
                return self._fenced()
            position = change.new if isinstance(change, Advance) else position
        return None

    def _is_made(self, position: int, chain: bytes, epoch: int) -> bool:
        """Say whether the checkpoint is where this lease, and nobody else, has moved it to."""
        moves = [it for it in self.changes if isinstance(it, Advance)]
        wanted = [(it.new, it.chain) for it in moves[-1:]]
        return epoch == self.lease.epoch and wanted == [(position, chain)]

    def _is_forgotten(self) -> bool:
        return any(isinstance(it, ForgetSubscription) for it in self.changes)

    def _fenced(self) -> FencedError:
        return FencedError(f"Subscription {self.lease.subscriber}", self.lease.epoch)

    def _names(self) -> dict[str, object]:
        lease = self.lease
        return {"subscriber": lease.subscriber, "domain": lease.domain, "epoch": lease.epoch}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReplay(Operation[None]):
    """The letters that an operator wants tried again."""

    ids: Sequence[str]

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Set those that are parked to replay."""
        yield Put("update_letter_replay", [(id_,) for id_ in self.ids])


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardLetter(Operation[bool]):
    """The letter that an operator gives up."""

    id: str
    note: str

    @override
    def steps(self, *, again: bool) -> Steps[bool]:
        """Discard it and what it is about; what else is open gets a letter of its own."""
        values = {"id": self.id, "note": self.note}
        discarded = yield Ask("update_letter_discarded", values)
        rows = yield Ask("select_filed_letter", values)
        if not discarded:
            return again and bool(rows) and self._is_discarded(letter_of(rows[0]))
        letter = letter_of(rows[0])
        names = {name: getattr(letter, name) for name in ("subscriber", "domain", "position")}
        about = {**names, "command_id": letter.command_id}
        yield Ask("update_reactions_discarded", about)
        found = yield Ask("select_event_reactions", names)
        if any(reaction_of(it).state in UNSETTLED for it in found):
            successor = replace(letter, note="").successor()
            yield Ask("insert_letter", letter_values(successor))
        return True

    def _is_discarded(self, letter: Letter) -> bool:
        return (letter.state, letter.note) == (LetterState.DISCARDED, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLetter(Operation[None]):
    """A letter of an aggregate."""

    letter: Letter

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Insert or replace it."""
        yield Ask("insert_letter", letter_values(self.letter))
