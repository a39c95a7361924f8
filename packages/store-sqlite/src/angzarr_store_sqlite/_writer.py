"""The writing connection, on a thread of its own."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import override

from angzarr_disk import Space
from angzarr_ports import Faults, Metric, MetricKind, System, Worker
from angzarr_store import InvariantError, StoreError, StoreFullError, StoreIoError
from angzarr_store_sqlite._execution import execute
from angzarr_store_sqlite._wal import Wal
from angzarr_tables import FSYNC, Pending, Writer, group_steps

WAL_BYTES = Metric(
    name="angzarr_wal_bytes", help="Size of the write-ahead log.", kind=MetricKind.GAUGE
)


class SqliteWriter(Writer):
    """Executes each group in one function on the thread; nothing is awaited in between."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wal: Wal,
        space: Space,
        worker: Worker,
        system: System,
    ) -> None:
        super().__init__("sqlite-writer", system)
        self._connection = connection
        self._wal = wal
        self._space = space
        self._worker = worker

    @override
    async def _store(self, group: Sequence[Pending[Any]]) -> Sequence[object]:
        return await self._worker.call(lambda: self._transact(group))

    @override
    async def _is_ready(self) -> bool:
        return await self._worker.call(self._space.has_room)

    @override
    async def _end(self) -> None:
        await self._worker.call(self._close)

    def _close(self) -> None:
        self._space.release()
        self._connection.close()

    def _transact(self, group: Sequence[Pending[Any]]) -> list[object]:
        try:
            self._metrics.set(WAL_BYTES, self._wal.tidy())
            return transact(self._connection, group, self._faults, self._timed_commit)
        except sqlite3.Error as error:
            raise translated(error) from error

    def _timed_commit(self, connection: sqlite3.Connection) -> None:
        began = self._clock.monotonic()
        connection.execute("COMMIT")
        self._metrics.observe(FSYNC, self._clock.monotonic() - began)


def transact(
    connection: sqlite3.Connection,
    group: Sequence[Pending[Any]],
    faults: Faults,
    commit: Callable[[sqlite3.Connection], object],
) -> list[object]:
    """Execute a group as one transaction; return an answer per member after `commit`.

    Raises:
        sqlite3.Error: see `translated`; SQLite may have rolled back on its own.
    """
    connection.execute("BEGIN IMMEDIATE")
    faults.at("K6")
    try:
        answers = execute(connection, group_steps(group, faults, again=False))
        faults.at("K9")
        commit(connection)
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    faults.at("K10")
    return answers


def translated(error: sqlite3.Error) -> StoreError:
    """Return what a failure of the writing connection means.

    Full: nothing was stored. A failed write or sync: what is stored is unknown. All others: a
    statement failed that cannot fail.
    """
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return StoreFullError("Store is full")
    if name.startswith("SQLITE_IOERR"):
        return StoreIoError(f"the store cannot be written: {name}")
    return InvariantError(f"the writer failed: {error}")
