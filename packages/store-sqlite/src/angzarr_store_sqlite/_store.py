"""The database of one component as a SQLite file."""

import sqlite3
from pathlib import Path

import aiosqlite
from typing_extensions import override

from angzarr_ports import Faults, System, Worker
from angzarr_store import EventLog, Ledger, Store, StoreConfig
from angzarr_store_sqlite._connection import (
    COMMON_PRAGMAS,
    DatabaseLock,
    check_pragma,
    open_writer,
)
from angzarr_store_sqlite._ledger import SqliteLedger
from angzarr_store_sqlite._log import SqliteLog
from angzarr_store_sqlite._operations import Probe, TakeEpoch
from angzarr_store_sqlite._wal import Wal
from angzarr_store_sqlite._writer import Writer


class SqliteStore(Store):
    """One file, one writing connection on one thread, one read-only connection."""

    def __init__(
        self,
        lock: DatabaseLock,
        worker: Worker,
        writer: Writer,
        reader: aiosqlite.Connection,
        faults: Faults,
    ) -> None:
        self._lock = lock
        self._worker = worker
        self._writer = writer
        self._reader = reader
        self._ledger = SqliteLedger(writer, reader, faults)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "SqliteStore":
        path = Path(config.url) / f"{config.component}.db"
        worker = system.threads.worker(f"sqlite-{config.component}")
        lock, connection = await worker.call(lambda: _open(path, volatile=config.volatile))
        reader = await _open_reader(path)
        writer = Writer(connection, Wal(connection, path), worker, system)
        return cls(lock, worker, writer, reader, system.faults)

    @override
    async def log(self, domain: str) -> EventLog:
        head = await self._writer.execute(TakeEpoch(domain=domain))
        return SqliteLog(domain, head, self._writer, self._reader)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger

    @override
    async def probe(self) -> None:
        await self._writer.execute(Probe())

    @override
    async def aclose(self) -> None:
        await self._reader.close()
        await self._writer.aclose()
        await self._worker.aclose()
        self._lock.release()


def _open(path: Path, *, volatile: bool) -> tuple[DatabaseLock, sqlite3.Connection]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = DatabaseLock(path.with_suffix(".db.lock"))
    try:
        return lock, open_writer(path, volatile=volatile)
    except BaseException:
        lock.release()
        raise


async def _open_reader(path: Path) -> aiosqlite.Connection:
    reader = await aiosqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    for name, value in {**COMMON_PRAGMAS, "query_only": 1}.items():
        await reader.execute(f"PRAGMA {name} = {value}")
        for row in await reader.execute_fetchall(f"PRAGMA {name}"):
            check_pragma(name, value, row[0])
    return reader
