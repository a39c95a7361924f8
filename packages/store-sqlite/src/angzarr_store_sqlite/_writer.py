"""The one writer of a database: everything that is queued becomes one transaction."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from angzarr_append import Answer, count_appends
from angzarr_disk import Space
from angzarr_ports import Faults, Metric, MetricKind, System, Worker, shielded
from angzarr_store import (
    Batch,
    InvariantError,
    OverloadedError,
    ProcessBatch,
    StoreError,
    StoreFullError,
    StoreIoError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_sqlite._operations import Append, Operation
from angzarr_store_sqlite._process import AppendProcess
from angzarr_store_sqlite._wal import Wal

ResultT = TypeVar("ResultT")

FSYNC = Metric(
    name="angzarr_fsync_seconds",
    help="How long a transaction took to be on the disk.",
    kind=MetricKind.HISTOGRAM,
)
WAL_BYTES = Metric(
    name="angzarr_wal_bytes", help="Size of the write-ahead log.", kind=MetricKind.GAUGE
)
QUEUE_DEPTH = Metric(
    name="angzarr_queue_depth",
    help="What waits in a queue.",
    kind=MetricKind.GAUGE,
    labels=("queue",),
)

GROUP_BATCHES = 256
GROUP_BYTES = 4 * 1024 * 1024
QUEUE_BATCHES = 1024
QUEUE_BYTES = 16 * 1024 * 1024
PROBE_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class Pending(Generic[ResultT]):
    """One operation that waits, with whoever waits for it; `batch` for an append."""

    answer: asyncio.Future[ResultT]
    operation: Operation[ResultT] | None = None
    batch: Batch | None = None
    domain: str = ""
    epoch: int = 0

    @property
    def size_bytes(self) -> int:
        """Return what the operation adds to a group."""
        return self.batch.size_bytes if self.batch else 512


class Writer:
    """Group commit: while one transaction runs, the next group gathers; nothing lingers."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wal: Wal,
        space: Space,
        worker: Worker,
        system: System,
    ) -> None:
        self._connection = connection
        self._wal = wal
        self._space = space
        self._worker = worker
        self._faults = system.faults
        self._queue: deque[Pending[Any]] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failed = False
        self._is_full = False
        self._clock = system.clock
        self._metrics = system.metrics
        self._task = system.tasks.start("sqlite-writer", self._run())

    async def append(self, domain: str, epoch: int, batch: Batch) -> Answer:
        """Queue a batch and return its answer."""
        pending = Pending[Answer](batch=batch, domain=domain, epoch=epoch, answer=_promise())
        if isinstance(batch, ProcessBatch):
            append = Append(domain=domain, epoch=epoch, group=[batch], faults=self._faults)
            pending.operation = AppendProcess(append=append, batch=batch, faults=self._faults)
        return await self._enqueue(pending)

    async def execute(self, operation: Operation[ResultT]) -> ResultT:
        """Queue an operation and return what it returned.

        Raises:
            StoreFullError: it was not executed, nor will anything be until there is space.
            StoreUnavailableError: it was not executed, or nobody knows.
        """
        pending = Pending[ResultT](operation=operation, answer=_promise())
        return await self._enqueue(pending)

    async def aclose(self) -> None:
        """Finish what is queued, then stop and close the connection.

        After a failure it stays open: closing would sync again what could not be synced.
        """
        if not self._failed:
            await self._idle.wait()
        self._task.cancel()
        if not self._failed:
            await self._worker.call(self._close)

    def _close(self) -> None:
        self._space.release()
        self._connection.close()

    async def _enqueue(self, pending: "Pending[ResultT]") -> ResultT:
        if self._failed:
            raise StoreUnavailableError("the writer has stopped")
        if self._is_full:
            raise StoreFullError("Store is full")
        full = self._queued_bytes + pending.size_bytes > QUEUE_BYTES
        if full or len(self._queue) >= QUEUE_BATCHES:
            raise OverloadedError("Too many requests in flight")
        self._queue.append(pending)
        self._queued_bytes += pending.size_bytes
        self._idle.clear()
        self._wake.set()
        return await shielded(pending.answer)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._commit(self._take())
            self._idle.set()
            while self._is_full:
                await self._clock.sleep(PROBE_SECONDS)
                self._is_full = not await self._worker.call(self._space.has_room)

    def _take(self) -> list[Pending[Any]]:
        group: list[Pending[Any]] = []
        size = 0
        while self._queue and len(group) < GROUP_BATCHES and size < GROUP_BYTES:
            pending = self._queue.popleft()
            size += pending.size_bytes
            group.append(pending)
        self._queued_bytes -= size
        self._metrics.set(QUEUE_DEPTH, len(group) + len(self._queue), queue="writer")
        return group

    async def _commit(self, group: list[Pending[Any]]) -> None:
        try:
            answers = await self._worker.call(lambda: self._transact(group))
        except StoreFullError:
            self._is_full = True
            self._refuse_all(group, lambda _: StoreFullError("Store is full"))
        except (StoreIoError, InvariantError):
            self._failed = True
            self._refuse_all(group, UnknownOutcomeError)
            raise
        else:
            self._count(group, answers)
            for pending, answer in zip(group, answers, strict=True):
                _settle(pending, answer)

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

    def _count(self, group: Sequence[Pending[Any]], answers: Sequence[Any]) -> None:
        appended: dict[str, list[Answer]] = {}
        for pending, answer in zip(group, answers, strict=True):
            if pending.batch is not None:
                appended.setdefault(pending.domain, []).append(answer)
        for domain, found in appended.items():
            count_appends(self._metrics, domain, found)

    def _refuse_all(
        self, group: Sequence[Pending[Any]], error_of: Callable[[str], StoreError]
    ) -> None:
        for pending in (*group, *self._queue):
            _refuse(pending, error_of(pending.batch.command_id if pending.batch else ""))
        self._queue.clear()
        self._queued_bytes = 0


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
        answers = _execute(connection, group, faults)
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


def _execute(
    connection: sqlite3.Connection, group: Sequence[Pending[Any]], faults: Faults
) -> list[object]:
    answers: list[object] = [None] * len(group)
    appends: dict[tuple[str, int], list[int]] = {}
    for at, pending in enumerate(group):
        if pending.operation is not None:
            answers[at] = pending.operation.execute(connection)
        else:
            appends.setdefault((pending.domain, pending.epoch), []).append(at)
    for (domain, epoch), places in appends.items():
        batches = [batch for at in places if (batch := group[at].batch)]
        append = Append(domain=domain, epoch=epoch, group=batches, faults=faults)
        found = append.execute(connection)
        for at, answer in zip(places, found, strict=True):
            answers[at] = answer
    return answers


def _promise() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


def _settle(pending: Pending[Any], answer: object) -> None:
    if not pending.answer.done():
        pending.answer.set_result(answer)


def _refuse(pending: Pending[Any], error: StoreError) -> None:
    if not pending.answer.done():
        pending.answer.set_exception(error)
