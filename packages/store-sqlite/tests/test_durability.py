"""What was acknowledged is there after any death of the process."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from angzarr_ports import System
from angzarr_store import DamagedError, Edition, RefusedError, StoreConfig
from angzarr_store_conformance import batch
from angzarr_store_sqlite import SqliteStore
from angzarr_store_sqlite._connection import open_writer
from angzarr_store_sqlite._wal import CHECKPOINT_BYTES

FIRST_LAYOUT = (
    "PRAGMA user_version = 0",
    "UPDATE head SET layout = 1",
    """CREATE TABLE letters (
        id TEXT PRIMARY KEY, subscriber TEXT NOT NULL, kind TEXT NOT NULL, domain TEXT NOT NULL,
        position INTEGER NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL,
        payload BLOB NOT NULL, status BLOB NOT NULL, reason TEXT NOT NULL,
        attempts INTEGER NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """INSERT INTO letters VALUES ('saga:order:7', 'saga', 'event', 'order', 7, 'angzarr',
        x'01010101010101010101010101010101', x'626f6f6b', x'', 'BROKEN', 8, 'parked', '')""",
)
WRITER = """
import asyncio, sys
from angzarr_ports import real_system
from angzarr_store import StoreConfig
from angzarr_store_conformance import append_on
from angzarr_store_sqlite import SqliteStore

async def main():
    config = StoreConfig(url=sys.argv[1], component="order", volatile=True)
    log = await (await SqliteStore.open(config, real_system(print))).log("order")
    await append_on(log, 16)

asyncio.run(main())
"""


def config(directory: Path) -> StoreConfig:
    """Return the configuration of a test's database."""
    return StoreConfig(url=str(directory), component="order", volatile=True)


@pytest.mark.parametrize("acknowledgements", [1, 50, 400])
async def test_sigkill_loses_nothing_acknowledged(
    tmp_path: Path, system: System, acknowledgements: int
) -> None:
    """Every printed id is stored with all its pages, and positions stay dense."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writer = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    async with asyncio.timeout(20):
        acked = [(await writer.stdout.readline()).strip() for _ in range(acknowledgements)]
    writer.send_signal(signal.SIGKILL)
    acked += (await writer.stdout.read()).split()
    await writer.wait()

    store = await SqliteStore.open(config(tmp_path), system)
    log = await store.log("order")
    head = await log.head()
    events = (await log.read_feed(after=0, limit=10**6, limit_bytes=10**9)).events
    stored = [event.command_id.encode() for event in events]
    await store.aclose()

    assert [event.position for event in events] == list(range(1, head.position + 1))
    assert {id_: stored.count(id_) for id_ in acked} == dict.fromkeys(acked, 2)


async def test_a_database_has_one_owner(tmp_path: Path, system: System) -> None:
    """A second opener is refused while the first lives, and admitted afterwards."""
    store = await SqliteStore.open(config(tmp_path), system)

    with pytest.raises(RefusedError, match="another process owns"):
        await SqliteStore.open(config(tmp_path), system)

    await store.aclose()
    await (await SqliteStore.open(config(tmp_path), system)).aclose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET page = x'00' WHERE position = 2",
        "DELETE FROM events WHERE position = 1",
        "UPDATE events SET correlation_id = 'x', digest = x'00' WHERE position = 1",
    ],
)
async def test_tampering_is_found_at_start(tmp_path: Path, system: System, statement: str) -> None:
    """A changed or missing row is found by the chain before anything is served."""
    await _three_events(tmp_path, system)
    await asyncio.to_thread(_tamper, tmp_path, statement)

    with pytest.raises(DamagedError):
        await SqliteStore.open(config(tmp_path), system)


async def test_a_shortened_log_is_refused(tmp_path: Path, system: System) -> None:
    """A log that ends before its head was cut."""
    await _three_events(tmp_path, system)
    await asyncio.to_thread(_tamper, tmp_path, "DELETE FROM events WHERE position = 3")

    with pytest.raises(RefusedError, match="the log ends at 2"):
        await SqliteStore.open(config(tmp_path), system)


async def test_stored_rows_refuse_change(tmp_path: Path, system: System) -> None:
    """Triggers abort every UPDATE and DELETE on events and commands."""
    await _three_events(tmp_path, system)

    for statement in ("UPDATE events SET page = NULL", "DELETE FROM commands"):
        with pytest.raises(sqlite3.IntegrityError, match="are never changed"):
            await asyncio.to_thread(_execute, tmp_path, statement)


async def test_a_newer_layout_is_refused(tmp_path: Path, system: System) -> None:
    """Older code does not touch what newer code wrote."""
    await _three_events(tmp_path, system)
    await asyncio.to_thread(_tamper, tmp_path, "UPDATE head SET layout = 99")

    with pytest.raises(RefusedError, match="layout is 99; this angzarr reads up to 4"):
        await SqliteStore.open(config(tmp_path), system)


async def test_a_newer_file_of_a_subscriber_is_refused(tmp_path: Path, system: System) -> None:
    """A file without a log says its layout too."""
    await (await SqliteStore.open(config(tmp_path), system)).aclose()
    await asyncio.to_thread(_execute, tmp_path, "PRAGMA user_version = 99")

    with pytest.raises(RefusedError, match="layout is 99; this angzarr reads up to 4"):
        await SqliteStore.open(config(tmp_path), system)


async def test_letters_of_the_first_layout_are_kept(tmp_path: Path, system: System) -> None:
    """They get the columns they lack; the layout rises."""
    await _three_events(tmp_path, system)
    await asyncio.to_thread(_execute, tmp_path, "DROP TABLE letters", *FIRST_LAYOUT)

    store = await SqliteStore.open(config(tmp_path), system)
    filed = await store.ledger.letter("saga:order:7")
    await store.aclose()

    assert filed is not None
    kept = filed.letter
    assert (kept.position, kept.payload, kept.attempts, kept.state) == (7, b"book", 8, "parked")
    rows = await asyncio.to_thread(_read, tmp_path, "SELECT DISTINCT layout FROM head")
    assert rows == [(4,)]


async def test_the_second_layout_gets_room_for_timers(tmp_path: Path, system: System) -> None:
    """Its table of timers was never written; a timer is kept after the layout has risen."""
    await _three_events(tmp_path, system)
    old = "CREATE TABLE timers (domain TEXT NOT NULL PRIMARY KEY, deadline TEXT NOT NULL) STRICT"
    layout = ("PRAGMA user_version = 2", "UPDATE head SET layout = 2")
    await asyncio.to_thread(_execute, tmp_path, "DROP TABLE timers", old, *layout)

    store = await SqliteStore.open(config(tmp_path), system)
    log = await store.log("order")
    found = await log.timers(limit=1)
    await store.aclose()

    assert found == []
    rows = await asyncio.to_thread(_read, tmp_path, "SELECT DISTINCT layout FROM head")
    assert rows == [(4,)]


async def test_the_third_layout_gets_room_for_editions(tmp_path: Path, system: System) -> None:
    """Its table of editions was never written; what is made then is kept."""
    await _three_events(tmp_path, system)
    old = """CREATE TABLE editions (domain TEXT NOT NULL PRIMARY KEY, edition TEXT NOT NULL,
        divergence_point BLOB, deleted INTEGER NOT NULL) STRICT"""
    layout = ("PRAGMA user_version = 3", "UPDATE head SET layout = 3")
    await asyncio.to_thread(_execute, tmp_path, "DROP TABLE editions", old, *layout)

    store = await SqliteStore.open(config(tmp_path), system)
    log = await store.log("order")
    made = await log.create_edition(Edition(name="what-if", created_at="now"))
    found = await log.editions()
    await store.aclose()

    assert found == [made]
    rows = await asyncio.to_thread(_read, tmp_path, "SELECT DISTINCT layout FROM head")
    assert rows == [(4,)]


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """The writer runs with synchronous=FULL, read back, in WAL mode, with a private file."""
    connection = open_writer(tmp_path / "order.db", volatile=True)

    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "order.db").stat().st_mode & 0o777 == 0o600
    connection.close()


def test_a_database_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The file belongs to its user alone."""
    path = tmp_path / "order.db"
    path.touch(mode=0o644)

    with pytest.raises(RefusedError, match=r"order\.db is 644 .*chmod 600"):
        open_writer(path, volatile=True)


async def test_a_long_log_is_moved_into_the_database(tmp_path: Path, system: System) -> None:
    """The write-ahead log is cut once it is long, and nothing is lost by that."""
    store = await SqliteStore.open(config(tmp_path), system)
    log = await store.log("order")
    wal = tmp_path / "order.db-wal"
    longest = 0
    for number in range(24):
        big = replace(batch(f"c{number}", root=number), pages=(b"\x08\x00" + b"x" * 2**20,))
        await log.append(big)
        longest = max(longest, (await asyncio.to_thread(wal.stat)).st_size)
    size = (await asyncio.to_thread(wal.stat)).st_size
    head = await log.head()
    await store.aclose()

    assert longest > CHECKPOINT_BYTES > size
    assert head.position == 24


async def _three_events(directory: Path, system: System) -> None:
    store = await SqliteStore.open(config(directory), system)
    log = await store.log("order")
    for base in range(3):
        await log.append(batch(f"c{base}", base=base))
    await store.aclose()


def _read(directory: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "order.db")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def _tamper(directory: Path, statement: str) -> None:
    drops = [f"DROP TRIGGER events_refuse_{verb}" for verb in ("update", "delete")]
    _execute(directory, *drops, statement)


def _execute(directory: Path, *statements: str) -> None:
    connection = sqlite3.connect(directory / "order.db", isolation_level=None)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
