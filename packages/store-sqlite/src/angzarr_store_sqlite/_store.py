"""The database of one component as a SQLite file."""

import asyncio
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from typing_extensions import override

from angzarr_disk import RESERVE_BYTES, DatabaseLock, Space
from angzarr_ports import Faults, System, Worker
from angzarr_store import Audit, Head, StoreConfig
from angzarr_store_sqlite._connection import open_writer
from angzarr_store_sqlite._reading import SqliteReads
from angzarr_store_sqlite._statements import LAYOUT
from angzarr_store_sqlite._wal import Wal
from angzarr_store_sqlite._writer import SqliteWriter
from angzarr_tables import Operation, TableAudit, TableLedger, TableStore, TakeEpoch


class SqliteStore(TableStore):
    """One file, one writing connection on one thread, one read-only connection."""

    def __init__(
        self,
        lock: DatabaseLock,
        worker: Worker,
        writer: SqliteWriter,
        reads: SqliteReads,
        faults: Faults,
    ) -> None:
        super().__init__(writer, reads, TableLedger(writer, reads, faults))
        self._lock = lock
        self._worker = worker

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "SqliteStore":
        config.check_alone()
        path = Path(config.url) / f"{config.component}.db"
        worker = system.threads.worker(f"sqlite-{config.component}")
        lock, connection, space = await worker.call(lambda: _open(path, volatile=config.volatile))
        reads = await SqliteReads.open(path)
        writer = SqliteWriter(connection, Wal(connection, path), space, worker, system)
        return cls(lock, worker, writer, reads, system.faults)

    @classmethod
    @override
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        path = Path(config.url) / f"{config.component}.db"
        if not await asyncio.to_thread(path.exists):
            return None
        return TableAudit(await SqliteReads.open(path))

    @override
    def _taking(self, domain: str) -> Operation[Head]:
        return TakeEpoch(domain=domain, layout=LAYOUT)

    @override
    async def aclose(self) -> None:
        await super().aclose()
        await self._worker.aclose()
        self._lock.release()


def _open(path: Path, *, volatile: bool) -> tuple[DatabaseLock, sqlite3.Connection, Space]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as undo:
        lock = DatabaseLock(path.with_suffix(".db.lock"))
        undo.callback(lock.release)
        connection = open_writer(path, volatile=volatile)
        undo.callback(connection.close)
        space = Space(path, 0 if volatile else RESERVE_BYTES)
        undo.pop_all()
    return lock, connection, space
