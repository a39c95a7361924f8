"""What a transaction reads and writes for a process manager (reliability.md §2.3)."""

from dataclasses import dataclass

from typing_extensions import override

from angzarr_append import Answer
from angzarr_ports import Faults
from angzarr_rows import key_values
from angzarr_store import (
    Appended,
    ProcessBatch,
    RootKey,
    StoreError,
    Timer,
    TimerGoneError,
    UnknownOutcomeError,
)
from angzarr_tables._append import Append, find_commands
from angzarr_tables._steps import Ask, Operation, Steps
from angzarr_tables._subscriptions import CommitChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendProcess(Operation[Answer]):
    """A batch with the changes and timers that belong to it."""

    append: Append
    batch: ProcessBatch
    faults: Faults

    @override
    def steps(self, *, again: bool) -> Steps[Answer]:
        """Store all of it or nothing; a firing timer goes also with what is stored already."""
        known = yield from find_commands(self.append.domain, [self.batch.command_id])
        fault = None if known else (yield from self._fault())
        answer = fault or (yield from self.append.steps(again=again))[0]
        if isinstance(answer, Appended) and self.batch.fires is not None:
            yield Ask("delete_due_timer", self._values(self.batch.fires))
        if isinstance(answer, Appended) and not answer.repeated:
            yield from self._make()
        return answer

    def _fault(self) -> Steps[StoreError | None]:
        fires = self.batch.fires
        if fires is not None and not (yield Ask("select_timer", self._values(fires))):
            return TimerGoneError(fires.timer_type, fires.deadline)
        changes = self._changes()
        return None if changes is None else (yield from changes.fault())

    def _make(self) -> Steps[None]:
        for timer_type in self.batch.disarmed:
            yield _cancellation(self.append.domain, self.batch.key, timer_type)
        for timer in self.batch.armed:
            yield Ask("insert_timer", self._values(timer))
        changes = self._changes()
        if changes is not None:
            yield from changes.make()

    def _changes(self) -> CommitChanges | None:
        lease, changes = self.batch.lease, self.batch.changes
        if lease is None:
            return None
        return CommitChanges(lease=lease, changes=changes, faults=self.faults)

    def _values(self, timer: Timer) -> dict[str, object]:
        names = ("timer_type", "correlation_id", "deadline", "set_at")
        values = {name: getattr(timer, name) for name in names}
        return {"domain": self.append.domain, **key_values(timer.key), **values}


@dataclass(frozen=True, slots=True)
class CancelTimer(Operation[bool]):
    """The timer that somebody does not want any more."""

    domain: str
    key: RootKey
    timer_type: str

    @override
    def steps(self, *, again: bool) -> Steps[bool]:
        """Remove it; say whether it was set."""
        gone = yield _cancellation(self.domain, self.key, self.timer_type)
        if again and not gone:
            raise UnknownOutcomeError("")
        return bool(gone)


def _cancellation(domain: str, key: RootKey, timer_type: str) -> Ask:
    values = {"domain": domain, "timer_type": timer_type, **key_values(key)}
    return Ask("delete_timer", values)
