"""A snapshot belongs to the events it was made of."""

import asyncio
import sqlite3
from pathlib import Path

from angzarr_ports import System
from angzarr_store import Snapshot, StoreConfig
from angzarr_store_conformance import batch, root_key
from angzarr_store_sqlite import SqliteStore


async def test_a_snapshot_of_another_log_is_not_used(tmp_path: Path, system: System) -> None:
    """Its chain is not that of its last event: the log was restored, the snapshot was not."""
    config = StoreConfig(url=str(tmp_path), component="order")
    store = await SqliteStore.open(config, system)
    log = await store.log("order")
    await log.append(batch("a", pages=2))
    snapshot = Snapshot(key=root_key(1), sequence=1, state=b"state")
    await log.save_snapshot(snapshot)
    assert await log.snapshot(root_key(1)) == snapshot
    await store.aclose()

    await asyncio.to_thread(damage, tmp_path / "order.db")
    store = await SqliteStore.open(config, system)

    assert await (await store.log("order")).snapshot(root_key(1)) is None
    await store.aclose()


def damage(path: Path) -> None:
    """Let every snapshot end where its event does not."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE snapshots SET chain = zeroblob(32)")
    connection.close()
