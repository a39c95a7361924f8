"""T9: rows that are for ever, also for our own connection."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from angzarr_ports import real_system
from angzarr_store import Batch, RootKey, StoreConfig
from angzarr_store_sqlite import SqliteStore
from angzarr_store_sqlite._connection import open_writer


async def stored(place: Path) -> None:
    """Store one event of main and one of an edition."""
    system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
    config = StoreConfig(url=str(place), component="order", volatile=True)
    store = await SqliteStore.open(config, system)
    log = await store.log("order")
    for number, edition in enumerate(("angzarr", "v2")):
        await log.append(
            Batch(
                command_id=f"c-{edition}",
                key=RootKey(edition=edition, root=bytes([number]) * 16),
                type_url="type.googleapis.com/test.Do",
                base=0,
                correlation_id="flow",
                created_at="2026-01-01T00:00:00Z",
                pages=(b"\x08\x00",),
            )
        )
    await store.aclose()
    await system.tasks.aclose()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return our own writing connection to a log of two events."""
    asyncio.run(stored(tmp_path))
    opened = open_writer(tmp_path / "order.db", volatile=True)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events",
        "UPDATE events SET page = x'00'",
        "UPDATE events SET page = NULL WHERE edition = 'angzarr'",
        "UPDATE events SET page = NULL, sequence = 7 WHERE edition = 'v2'",
        "UPDATE events SET created_at = '2000-01-01T00:00:00Z' WHERE edition = 'v2'",
        "UPDATE OR REPLACE events SET position = 2 WHERE position = 1",
        "REPLACE INTO events SELECT * FROM events",
        "DELETE FROM commands",
        "UPDATE commands SET outcome = 'rejected'",
        "REPLACE INTO commands SELECT * FROM commands",
        "ATTACH ':memory:' AS other",
        "SELECT load_extension('x')",
    ],
)
def test_no_row_is_changed_through_our_connection(
    connection: sqlite3.Connection, statement: str
) -> None:
    """The statement fails and every row is as it was."""
    before = list(connection.iterdump())

    with pytest.raises(sqlite3.Error, match=r"never changed|too many attached|not authorized"):
        connection.execute(statement)

    assert list(connection.iterdump()) == before


def test_the_page_of_a_deleted_edition_may_go(connection: sqlite3.Connection) -> None:
    """Nothing else of its row, and nothing of main."""
    done = connection.execute("UPDATE events SET page = NULL WHERE edition = 'v2'")

    assert done.rowcount == 1
    pages = connection.execute("SELECT edition, page FROM events ORDER BY position").fetchall()
    assert pages == [("angzarr", b"\x08\x00\xa0\x06\x01"), ("v2", None)]


def test_the_schema_is_not_trusted(connection: sqlite3.Connection) -> None:
    """Functions with effects do not run from views and triggers."""
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("trusted_schema", "recursive_triggers")
    ]

    assert found == [0, 1]
