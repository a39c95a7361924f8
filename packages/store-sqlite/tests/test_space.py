"""A full disk is refused, survived and left behind; some of it is kept for the end."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from angzarr_disk import Space
from angzarr_ports import System, SystemClock
from angzarr_store import StoreConfig, StoreFullError
from angzarr_store_conformance import batch
from angzarr_store_sqlite import SqliteStore
from angzarr_store_sqlite._connection import open_writer
from angzarr_store_sqlite._wal import Wal
from angzarr_store_sqlite._writer import SqliteWriter

MIB = 1024 * 1024
SMALL_DISK = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
ON_SMALL_DISK = 'mount -t tmpfs -o size=160m none "$1" && exec "$0" -c "$2" "$1"'
FILLING = """
import asyncio, pathlib, sys
from angzarr_ports import real_system
from angzarr_store import StoreConfig, StoreFullError
from angzarr_store_conformance import batch
from angzarr_store_sqlite import SqliteStore

async def main(place):
    config = StoreConfig(url=place, component="order", volatile=True)
    store = await SqliteStore.open(config, real_system(print))
    log = await store.log("order")
    filler = pathlib.Path(place, "filler")
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError as error:
            print(error.strerror)
    base = 0
    try:
        while True:
            await log.append(batch(f"c{base}", base=base, pages=1))
            base += 1
    except StoreFullError as error:
        print(error)
    events = await log.read_root(batch("c0").key, limit_bytes=None)
    print([event.sequence for event in events] == list(range(base)))
    filler.unlink()
    async with asyncio.timeout(20):
        while True:
            try:
                appended = await log.append(batch("after", base=base))
                break
            except StoreFullError:
                await asyncio.sleep(0.05)
    print(appended.row.first_sequence == base)
    await store.aclose()

asyncio.run(main(sys.argv[1]))
"""


class HeldClock(SystemClock):
    """A clock that waits for the test."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait for the test, then a little of `seconds`."""
        await self.over.wait()
        await super().sleep(seconds / 100)


async def limit_pages(store: SqliteStore, pages: int) -> None:
    """Let the database have at most so many pages, as a full disk does."""
    statement = f"PRAGMA max_page_count = {pages}"
    await store._worker.call(lambda: store._writer._connection.execute(statement))  # noqa: SLF001


async def test_a_full_store_refuses_until_there_is_space(tmp_path: Path, system: System) -> None:
    """All appends are refused, also one that would fit, until the disk was asked; reads go on."""
    clock = HeldClock()
    config = StoreConfig(url=str(tmp_path), component="order", volatile=True)
    store = await SqliteStore.open(config, replace(system, clock=clock))
    log = await store.log("order")
    await log.append(batch("a"))
    await limit_pages(store, 1)
    with pytest.raises(StoreFullError):
        await log.append(batch("b", base=1, pages=200))
    await limit_pages(store, 100_000)
    with pytest.raises(StoreFullError):
        await log.append(batch("c", base=1))
    with pytest.raises(StoreFullError):
        await store.probe()
    reads = [event.position for event in await log.read_root(batch("a").key, limit_bytes=None)]
    clock.over.set()
    async with asyncio.timeout(10):
        while store._writer._why_not:  # noqa: SLF001
            await system.clock.sleep(0.01)
    appended = await log.append(batch("c", base=1))
    await store.aclose()

    assert reads == [1]
    assert appended.row.first_position == 2


async def test_a_full_disk_needs_no_restart(tmp_path: Path) -> None:
    """On a file system without space appends are refused; with space they go on, dense."""
    argv = (*SMALL_DISK, ON_SMALL_DISK, sys.executable, str(tmp_path), FILLING)
    process = await asyncio.create_subprocess_exec(*argv, stdout=-1, stderr=-1)
    out, err = await process.communicate()

    assert out.decode().splitlines() == [
        "No space left on device",
        "Store is full",
        "True",
        "True",
    ], err.decode()


async def test_the_reserve_is_free_when_the_log_moves_home(tmp_path: Path, system: System) -> None:
    """While the store is open the bytes are taken, for our eyes only; at its end they are not."""
    path = tmp_path / "order.db"
    reserve = tmp_path / "order.db-reserve"
    worker = system.threads.worker("space")
    connection = await worker.call(lambda: open_writer(path, volatile=True))
    space = await worker.call(lambda: Space(path, MIB))
    writer = SqliteWriter(connection, Wal(connection, path), space, worker, system)
    found = await worker.call(reserve.stat)
    await writer.aclose()
    is_left = await worker.call(reserve.exists)
    await worker.aclose()

    assert (found.st_size, found.st_mode & 0o777) == (MIB, 0o600)
    assert found.st_blocks * 512 >= MIB
    assert not is_left
