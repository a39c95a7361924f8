"""What a failing disk means."""

import asyncio
import gc
import sqlite3
from pathlib import Path

import pytest

from angzarr_ports import real_system
from angzarr_store import (
    InvariantError,
    RefusedError,
    StoreConfig,
    StoreError,
    StoreFullError,
    StoreIoError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_conformance import batch
from angzarr_store_sqlite import SqliteStore
from angzarr_store_sqlite._writer import translated


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("SQLITE_FULL", StoreFullError),
        ("SQLITE_IOERR_WRITE", StoreIoError),
        ("SQLITE_IOERR_FSYNC", StoreIoError),
        ("SQLITE_CONSTRAINT_UNIQUE", InvariantError),
        ("SQLITE_CORRUPT", InvariantError),
        ("SQLITE_BUSY", InvariantError),
    ],
)
def test_an_error_of_the_driver_has_one_meaning(name: str, ours: type[StoreError]) -> None:
    """Full can be retried; a failed write or sync, and what cannot happen, end the process."""
    theirs = sqlite3.OperationalError("x")
    theirs.sqlite_errorname = name

    assert type(translated(theirs)) is ours


@pytest.fixture
async def store(tmp_path: Path) -> SqliteStore:
    """Return an open store; its writer may die."""
    config = StoreConfig(url=str(tmp_path), component="order", volatile=True)
    return await SqliteStore.open(config, real_system(lambda _name, _error: None))


async def limit_pages(store: SqliteStore, pages: int) -> None:
    """Let the database have at most so many pages, as a full disk does."""
    statement = f"PRAGMA max_page_count = {pages}"
    await store._worker.call(lambda: store._writer._connection.execute(statement))  # noqa: SLF001


async def test_a_refusal_that_nobody_waits_for_ends_nothing(store: SqliteStore) -> None:
    """A caller who went away before the disk was full leaves no error behind in the loop."""
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    log = await store.log("order")
    await limit_pages(store, 1)
    waiting = asyncio.ensure_future(log.append(batch("a", pages=200)))
    await asyncio.wait([waiting], timeout=0)
    waiting.cancel()
    with pytest.raises(StoreFullError):
        await log.append(batch("b", pages=200))
    is_cancelled = waiting.cancelled()
    del waiting  # what a task was doing is kept with it
    gc.collect()
    await store.aclose()

    assert (is_cancelled, heard) == (True, [])


async def test_a_writer_that_failed_answers_nobody_falsely(store: SqliteStore) -> None:
    """Whoever waits hears that the outcome is unknown, later callers that nothing was stored."""
    log = await store.log("order")
    fail = "CREATE TEMP TRIGGER fail BEFORE INSERT ON events BEGIN SELECT no_such_function(); END"
    await store._worker.call(lambda: store._writer._connection.execute(fail))  # noqa: SLF001
    died = asyncio.get_running_loop().create_future()
    store._writer._task.add_done_callback(died.set_result)  # noqa: SLF001

    with pytest.raises(UnknownOutcomeError):
        await log.append(batch("a"))
    async with asyncio.timeout(5):
        task = await died
    with pytest.raises(StoreUnavailableError):
        await log.append(batch("b"))

    assert isinstance(task.exception(), InvariantError)
    await store.aclose()


async def test_a_file_is_not_shared(tmp_path: Path) -> None:
    """One process at a time has it, as its lock says."""
    config = StoreConfig(url=str(tmp_path), component="order", shared=True)
    with pytest.raises(RefusedError, match=r"store\.shared is true; use store postgres"):
        await SqliteStore.open(config, real_system(lambda _name, _error: None))
