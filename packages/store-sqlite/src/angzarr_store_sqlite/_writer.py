"""The one writer of a database: everything that is queued becomes one transaction."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from angzarr_ports import System, Worker
from angzarr_store import (
    Answer,
    Batch,
    InvariantError,
    OverloadedError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)

from angzarr_store_sqlite._operations import Append, Operation

GROUP_BATCHES = 256
GROUP_BYTES = 4 * 1024 * 1024
QUEUE_BATCHES = 1024
QUEUE_BYTES = 16 * 1024 * 1024
CHECKPOINT_PAGES = 4096


@dataclass(slots=True, kw_only=True)
class Pending:
    """One operation that waits, with whoever waits for it; `batch` for an append."""

    operation: Operation | None
    batch: Batch | None
    domain: str
    epoch: int
    answer: asyncio.Future[object]

    @property
    def size_bytes(self) -> int:
        """Return what the operation adds to a group."""
        return self.batch.size_bytes if self.batch else 512


class Writer:
    """Group commit: while one transaction runs, the next group gathers; nothing lingers."""

    def __init__(self, connection: sqlite3.Connection, worker: Worker, system: System) -> None:
        self._connection = connection
        self._worker = worker
        self._queue: deque[Pending] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failed = False
        system.tasks.start("sqlite-writer", self._run())

    async def append(self, domain: str, epoch: int, batch: Batch) -> Answer:
        """Queue a batch and return its answer."""
        answer = await self._enqueue(None, batch, domain, epoch)
        return answer  # type: ignore[return-value]  # an append is answered by an Answer

    async def execute(self, operation: Operation) -> object:
        """Queue an operation and return what it returned."""
        return await self._enqueue(operation, None, "", 0)

    async def drain(self) -> None:
        """Wait until nothing is queued and nothing runs."""
        await self._idle.wait()

    async def _enqueue(
        self, operation: Operation | None, batch: Batch | None, domain: str, epoch: int
    ) -> object:
        if self._failed:
            raise StoreUnavailableError("the writer has stopped")
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        pending = Pending(
            operation=operation, batch=batch, domain=domain, epoch=epoch, answer=answer
        )
        full = self._queued_bytes + pending.size_bytes > QUEUE_BYTES
        if full or len(self._queue) >= QUEUE_BATCHES:
            raise OverloadedError("Too many requests in flight")
        self._queue.append(pending)
        self._queued_bytes += pending.size_bytes
        self._idle.clear()
        self._wake.set()
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._commit(self._take())
            self._idle.set()

    def _take(self) -> list[Pending]:
        group: list[Pending] = []
        size = 0
        while self._queue and len(group) < GROUP_BATCHES and size < GROUP_BYTES:
            pending = self._queue.popleft()
            size += pending.size_bytes
            group.append(pending)
        self._queued_bytes -= size
        return group

    async def _commit(self, group: list[Pending]) -> None:
        try:
            answers = await self._worker.call(lambda: transact(self._connection, group))
        except StoreError as error:
            for pending in group:
                _settle(pending, error)
        except (sqlite3.Error, InvariantError) as error:
            self._fail(group)
            raise InvariantError(f"the writer failed: {error}") from error
        else:
            for pending, answer in zip(group, answers, strict=True):
                _settle(pending, answer)

    def _fail(self, group: Sequence[Pending]) -> None:
        self._failed = True
        for pending in (*group, *self._queue):
            _settle(pending, UnknownOutcomeError(pending.batch.command_id if pending.batch else ""))
        self._queue.clear()


def transact(connection: sqlite3.Connection, group: Sequence[Pending]) -> list[object]:
    """Execute a group as one transaction; return an answer per member after the commit.

    Raises:
        StoreFullError: there is no space; nothing was stored.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        answers = _execute(connection, group)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if error.sqlite_errorname == "SQLITE_FULL":
            raise StoreFullError("Store is full") from error
        raise
    return answers


def _execute(connection: sqlite3.Connection, group: Sequence[Pending]) -> list[object]:
    answers: list[object] = [None] * len(group)
    appends: dict[tuple[str, int], list[int]] = {}
    for at, pending in enumerate(group):
        if pending.operation is not None:
            answers[at] = pending.operation.execute(connection)
        else:
            appends.setdefault((pending.domain, pending.epoch), []).append(at)
    for (domain, epoch), places in appends.items():
        batches = [batch for at in places if (batch := group[at].batch)]
        found = Append(domain=domain, epoch=epoch, group=batches).execute(connection)
        for at, answer in zip(places, found, strict=True):
            answers[at] = answer
    return answers


def _settle(pending: Pending, answer: object) -> None:
    if not pending.answer.done():
        pending.answer.set_result(answer)
