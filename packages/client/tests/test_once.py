"""An event is handled once in the author's own database."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import Int64Value

from angzarr.types_pb2 import EventBook
from angzarr_client import (
    BESIDE,
    CREATE_PLACES,
    DELETE_PLACES,
    MOVE_PLACES,
    EventContext,
    ProjectorRouter,
    TryAgainError,
)
from angzarr_service import Call, CallError

ROOT = UUID(bytes=bytes(range(16)))


class Database:
    """An author's transaction on SQLite; `meanwhile` runs between reading and writing."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute(CREATE_PLACES)
        self.meanwhile = ""

    async def fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[object] | None:
        """Return the first row."""
        return await asyncio.to_thread(self._fetch, statement, parameters)

    async def execute(self, statement: str, parameters: Sequence[object]) -> int:
        """Return the number of rows that changed."""
        return await asyncio.to_thread(self._execute, statement, parameters)

    def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[object] | None:
        found: Sequence[object] | None = self._connection.execute(statement, parameters).fetchone()
        if self.meanwhile:
            self._connection.execute(self.meanwhile)
        return found

    def _execute(self, statement: str, parameters: Sequence[object]) -> int:
        return self._connection.execute(statement, parameters).rowcount

    def close(self) -> None:
        """Close it."""
        self._connection.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database."""
    made = Database(tmp_path / "view.db")
    yield made
    made.close()


def event(sequence: int, component: str = "stock") -> EventContext:
    """Return the context of an event."""
    return EventContext(
        component=component,
        domain="inventory",
        root=ROOT,
        edition="angzarr",
        correlation_id="",
        sequence=sequence,
        position=sequence + 10,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def test_an_event_is_new_once(database: Database) -> None:
    """The first time its place is recorded, later and for older events nothing is."""
    fresh = [await event(sequence).once(database) for sequence in (0, 1, 1, 0, 2)]

    query = "SELECT component, sequence, position FROM places"
    assert fresh == [True, True, False, False, True]
    assert await database.fetch(query, ()) == ("stock", 2, 12)


async def test_components_and_roots_have_their_own_place(database: Database) -> None:
    """Another component or root begins at its own first event."""
    other = replace(event(0), root=UUID(int=7))

    assert [await it.once(database) for it in (event(4), event(0, "web"), other)] == [True] * 3


INSERTED = """INSERT INTO places
SELECT 'stock', 'inventory', 'angzarr', x'000102030405060708090a0b0c0d0e0f', 5, 5"""


@pytest.mark.parametrize("meanwhile", [INSERTED, "UPDATE places SET sequence = sequence + 5"])
async def test_a_place_that_moved_meanwhile_is_an_error(database: Database, meanwhile: str) -> None:
    """The author rolls back and is asked again."""
    if meanwhile.startswith("UPDATE"):
        await event(0).once(database)
    database.meanwhile = meanwhile

    with pytest.raises(TryAgainError):
        await event(1).once(database)


async def test_a_forgotten_place_lets_every_event_come_again(database: Database) -> None:
    """DELETE_PLACES forgets one component."""
    for component in ("stock", "web"):
        await event(3, component).once(database)

    await database.execute(DELETE_PLACES, ("stock",))

    assert await event(0).once(database)
    assert not await event(0, "web").once(database)


async def test_a_model_that_is_rebuilt_has_its_own_places(database: Database) -> None:
    """They are moved when it takes the place of the other; each event counts once in each."""
    for number in range(3):
        await event(number).once(database)
    rebuilt = [await replace(event(number), rebuild=True).once(database) for number in (0, 1, 1)]
    await database.execute(DELETE_PLACES, ("stock",))
    await database.execute(MOVE_PLACES, (f"stock{BESIDE}", "stock"))

    assert rebuilt == [True, True, False]
    assert [await event(number).once(database) for number in (1, 2)] == [False, True]


async def test_a_model_beside_is_switched_by_its_own_function() -> None:
    """There is at most one; both functions make the router serve a read model."""
    router = ProjectorRouter("stock", "inventory")
    seen: list[object] = []
    router.on(Int64Value, lambda _event, context: seen.append(context.rebuild))
    await router.switch()
    router.on_rebuild(lambda: seen.append("empty"))
    alone = router.services

    @router.on_switch
    async def switch() -> None:
        if "switch" in seen:
            raise TryAgainError("Not twice")
        seen.append("switch")

    with pytest.raises(TypeError, match="switches stock, which has a function for it"):
        router.on_switch(switch)
    book = EventBook(next_sequence=0)
    book.cover.address("inventory", ROOT)
    book.record(Int64Value(value=1))
    call = Call(deadline=0, idempotency_key="", metadata={"x-angzarr-rebuild": "true"})

    await router.Begin(Empty(), call)
    await router.Handle(book, call)
    await router.Handle(book, Call(deadline=0, idempotency_key=""))
    await router.Switch(Empty(), call)
    with pytest.raises(CallError, match="Not twice"):
        await router.Switch(Empty(), call)

    assert alone == ["angzarr.Projector"]
    assert router.services == ["angzarr.Projector", "angzarr.ReadModel"]
    assert seen == ["empty", True, False, "switch"]


async def test_a_read_model_is_emptied_by_its_own_function() -> None:
    """There is exactly one; without it there is no rebuild."""
    router = ProjectorRouter("stock", "inventory")
    router.on(Int64Value, lambda _event, _context: None)
    with pytest.raises(TypeError, match="stock cannot be rebuilt"):
        await router.rebuild()
    emptied: list[str] = []

    @router.on_rebuild
    async def empty() -> None:
        emptied.append("once")

    await router.rebuild()

    assert emptied == ["once"]
    with pytest.raises(TypeError, match="which has a function for it"):
        router.on_rebuild(empty)
