"""What the writer thread executes for a process manager (reliability.md §2.3)."""

import sqlite3
from dataclasses import dataclass

from angzarr_append import Answer
from angzarr_ports import Faults
from angzarr_store import Appended, ProcessBatch, RootKey, StoreError, Timer, TimerGoneError
from angzarr_store_sqlite._operations import Append, CommitChanges, find_command
from angzarr_store_sqlite._statements import STATEMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendProcess:
    """A batch with the changes and timers that belong to it."""

    append: Append
    batch: ProcessBatch
    faults: Faults

    def execute(self, connection: sqlite3.Connection) -> Answer:
        """Store all of it or nothing; a firing timer goes also with what is stored already."""
        known = find_command(connection, self.append.domain, self.batch.command_id)
        fault = self._fault(connection) if known is None else None
        answer = fault or self.append.execute(connection)[0]
        if isinstance(answer, Appended) and self.batch.fires is not None:
            connection.execute(STATEMENTS["delete_due_timer"], self._values(self.batch.fires))
        if isinstance(answer, Appended) and not answer.repeated:
            self._make(connection)
        return answer

    def _fault(self, connection: sqlite3.Connection) -> StoreError | None:
        fires = self.batch.fires
        if fires is not None:
            wanted = (STATEMENTS["select_timer"], self._values(fires))
            if connection.execute(*wanted).fetchone() is None:
                return TimerGoneError(fires.timer_type, fires.deadline)
        changes = self._changes()
        return None if changes is None else changes.fault(connection)

    def _make(self, connection: sqlite3.Connection) -> None:
        for timer_type in self.batch.disarmed:
            CancelTimer(self.append.domain, self.batch.key, timer_type).execute(connection)
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
        names = ("timer_type", "correlation_id", "deadline", "set_at")
        place = {"edition": timer.key.edition, "root": timer.key.root}
        values = {name: getattr(timer, name) for name in names}
        return {"domain": self.append.domain, **place, **values}


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """The timer that somebody does not want any more."""

    domain: str
    key: RootKey
    timer_type: str

    def execute(self, connection: sqlite3.Connection) -> bool:
        """Remove it; say whether it was set."""
        place = (self.domain, self.key.edition, self.key.root, self.timer_type)
        return connection.execute(STATEMENTS["delete_timer"], place).rowcount > 0
