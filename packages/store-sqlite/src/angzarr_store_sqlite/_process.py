"""What the writer thread executes for a process manager (reliability.md §2.3)."""

import sqlite3
from dataclasses import dataclass

from angzarr_ports import Faults
from angzarr_store import Answer, ProcessBatch, RootKey, StoreError, Timer, TimerGoneError
from angzarr_store_sqlite._operations import Append, CommitChanges, find_command
from angzarr_store_sqlite._statements import STATEMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendProcess:
    """A batch with the changes and timers that belong to it."""

    domain: str
    epoch: int
    batch: ProcessBatch
    faults: Faults

    def execute(self, connection: sqlite3.Connection) -> Answer:
        """Store all of it or nothing; a firing timer goes also with what is stored already."""
        batch = self.batch
        is_known = find_command(connection, self.domain, batch.command_id) is not None
        fault = None if is_known else self._fault(connection)
        if fault is not None:
            return fault
        append = Append(domain=self.domain, epoch=self.epoch, group=[batch], faults=self.faults)
        (answer,) = append.execute(connection)
        if isinstance(answer, StoreError):
            return answer
        if batch.fires is not None:
            connection.execute(STATEMENTS["delete_due_timer"], self._values(batch.fires))
        if not answer.repeated:
            self._make(connection)
        return answer

    def _fault(self, connection: sqlite3.Connection) -> StoreError | None:
        fires, changes = self.batch.fires, self._changes()
        if fires is not None and not self._is_set(connection, fires):
            return TimerGoneError(fires.timer_type, fires.deadline)
        return changes.fault(connection) if changes is not None else None

    def _is_set(self, connection: sqlite3.Connection, timer: Timer) -> bool:
        found = connection.execute(STATEMENTS["select_timer"], self._values(timer)).fetchone()
        return found is not None

    def _make(self, connection: sqlite3.Connection) -> None:
        for timer_type in self.batch.disarmed:
            place = timer_place(self.domain, self.batch.key, timer_type)
            connection.execute(STATEMENTS["delete_timer"], place)
        for timer in self.batch.armed:
            connection.execute(STATEMENTS["insert_timer"], self._values(timer))
        changes = self._changes()
        if changes is not None:
            changes.make(connection)

    def _changes(self) -> CommitChanges | None:
        lease, changes = self.batch.lease, self.batch.changes
        if lease is None:
            return None
        return CommitChanges(lease=lease, changes=changes, faults=self.faults)

    def _values(self, timer: Timer) -> dict[str, object]:
        place = timer_place(self.domain, timer.key, timer.timer_type)
        names = ("correlation_id", "deadline", "set_at")
        return {**place, **{name: getattr(timer, name) for name in names}}


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    """The timer that somebody does not want any more."""

    domain: str
    key: RootKey
    timer_type: str

    def execute(self, connection: sqlite3.Connection) -> bool:
        """Remove it; say whether it was set."""
        place = timer_place(self.domain, self.key, self.timer_type)
        return connection.execute(STATEMENTS["delete_timer"], place).rowcount > 0


def timer_place(domain: str, key: RootKey, timer_type: str) -> dict[str, object]:
    """Return the key of a timer's row."""
    return {"domain": domain, "edition": key.edition, "root": key.root, "timer_type": timer_type}
