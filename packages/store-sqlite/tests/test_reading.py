"""Reads beside reads: each of them sees what was stored before it began."""

import asyncio
from pathlib import Path

from angzarr_ports import System
from angzarr_store import StoreConfig
from angzarr_store_conformance import batch, root_key
from angzarr_store_sqlite import SqliteStore

READERS, APPENDS = 8, 100


async def test_a_read_is_no_older_than_its_beginning(tmp_path: Path, system: System) -> None:
    """However many others read all the time, what was answered is there."""
    store = await SqliteStore.open(StoreConfig(url=str(tmp_path), component="order"), system)
    log = await store.log("order")
    stop, key = asyncio.Event(), root_key(1)

    async def read() -> None:
        while not stop.is_set():
            await log.recall("c", key)

    found = []
    async with asyncio.TaskGroup() as group:
        for _ in range(READERS):
            group.create_task(read())
        for base in range(APPENDS):
            await log.append(batch(f"c{base}", base=base))
            found.append(
                (len(await log.read_root(key, limit_bytes=None)), (await log.head()).position)
            )
        stop.set()
    await store.aclose()

    assert found == [(count, count) for count in range(1, APPENDS + 1)]
