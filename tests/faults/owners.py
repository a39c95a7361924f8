"""Owners of one database in one process; each can be paused before its next transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from angzarr_ports import System, SystemThreads, Threads, Worker
from angzarr_store import (
    Advance,
    Appended,
    Batch,
    EventLog,
    FencedError,
    Lease,
    Ledger,
    StoreConfig,
)
from angzarr_store_sqlite import SqliteStore

SUBSCRIBER = "saga"
ResultT = TypeVar("ResultT")


class _GatedWorker(Worker):
    """Hands nothing over while the gate is shut: what was begun ends, as before a SIGSTOP."""

    def __init__(self, worker: Worker, gate: asyncio.Event) -> None:
        self._worker = worker
        self._gate = gate

    @override
    async def call(self, function: Callable[[], ResultT]) -> ResultT:
        await self._gate.wait()
        return await self._worker.call(function)

    @override
    async def aclose(self) -> None:
        await self._worker.aclose()


class _GatedThreads(Threads):
    """Workers that share a gate."""

    def __init__(self) -> None:
        self._threads = SystemThreads()
        self.gate = asyncio.Event()
        self.gate.set()

    @override
    def worker(self, name: str) -> Worker:
        return _GatedWorker(self._threads.worker(name), self.gate)


class Owner:
    """Somebody who believes to own a database."""

    def __init__(self, log: EventLog, ledger: Ledger, lease: Lease, gate: asyncio.Event) -> None:
        self.ledger = ledger
        self.lease = lease
        self.gate = gate
        self.log = log

    @staticmethod
    @asynccontextmanager
    async def opened(directory: Path, system: System) -> AsyncIterator["Owner"]:
        """Take the database over, whoever holds its lock; afterwards it is closed."""
        (directory / "order.db.lock").unlink(missing_ok=True)
        threads = _GatedThreads()
        config = StoreConfig(url=str(directory), component="order", volatile=True)
        store = await SqliteStore.open(config, replace(system, threads=threads))
        async with aclosing(store):
            log, ledger = await store.log("order"), store.ledger
            lease = await ledger.acquire(SUBSCRIBER, "order")
            try:
                yield Owner(log, ledger, lease, threads.gate)
            finally:
                threads.gate.set()

    async def append(self, batch: Batch) -> Appended | FencedError:
        """Return what was stored, or that somebody else owns the log."""
        try:
            return await self.log.append(batch)
        except FencedError as error:
            return error

    async def advance(self, old: int, new: int) -> FencedError | None:
        """Move the checkpoint, or return that somebody else owns the subscription."""
        try:
            await self.ledger.commit(self.lease, [Advance(old=old, new=new, chain=bytes(32))])
        except FencedError as error:
            return error
        return None
