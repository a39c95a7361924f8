"""What is kept of what logic offers, and what a check of it finds."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.wrappers_pb2 import Int64Value
from typing_extensions import override

from angzarr.types_pb2 import EventBook
from angzarr_log import Histories, Snapshots, _snapshots
from angzarr_ports import NoFaults, System
from angzarr_service import Channels
from angzarr_settings import UpcasterSettings
from angzarr_store import Appended, EventLog, StoreConfig, StoreFullError
from angzarr_store_conformance import batch, root_key
from angzarr_store_memory import MemoryStore
from angzarr_upcaster import Upcaster

Says = Callable[[EventBook], int]

KEY = root_key(1)
MISMATCHES = "angzarr_snapshot_mismatch_total"


def packed(value: int) -> AnyMessage:
    """Return a state."""
    state = AnyMessage()
    state.Pack(Int64Value(value=value))
    return state


def count(book: EventBook) -> int:
    """Return how many events a history holds, by its snapshot and its pages."""
    return Int64Value.FromString(book.snapshot.state.value).value + len(book.pages)


class World:
    """A log, and logic that counts events; `says` is what it makes of a history."""

    def __init__(self, log: EventLog, system: System, *, limit_bytes: int = 1000) -> None:
        self.log = log
        self.says: Says = count
        self.heard: list[Any] = []
        upcaster = Upcaster(UpcasterSettings(), Channels())
        self.histories = Histories(log, upcaster, uses_snapshots=True)
        self.snapshots = Snapshots("order", log, self.histories, system, limit_bytes=limit_bytes)

    async def append(self, pages: int) -> None:
        """Append events, offer what logic says of them and wait until that is settled."""
        history = await self.histories.state(KEY)
        base = history.next_sequence
        appended = await self.log.append(batch(f"c{base}", base=base, pages=pages))
        offered = packed(self.says(history) + pages)
        self.offer(appended, history, offered)
        keeping = [it for it in asyncio.all_tasks() if it.get_name().startswith("snapshot ")]
        if keeping:
            await asyncio.wait(keeping)

    def offer(self, appended: Appended, history: EventBook, offered: AnyMessage) -> None:
        """Offer a state."""

        async def again(book: EventBook) -> AnyMessage:
            return packed(self.says(book) + appended.row.count)

        self.snapshots.offer(appended, history, offered, again, self.heard.append)

    async def kept(self) -> int | None:
        """Return up to which event a snapshot is kept."""
        found = await self.log.snapshot(KEY)
        return found.sequence if found else None


@pytest.fixture
async def log(system: System) -> EventLog:
    """Return an empty log."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    return await store.log("order")


@pytest.fixture
def world(log: EventLog, system: System, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world in which every offer that rests on a snapshot is checked."""
    monkeypatch.setattr(_snapshots, "AUDITED_SHARE", 1.0)
    return World(log, system)


async def test_offers_are_kept_as_enough_events_are_new(world: World) -> None:
    """Fifty behind the last one that is kept."""
    found = []
    for pages in (49, 1, 49, 2):
        await world.append(pages)
        found.append(await world.kept())

    assert found == [None, 49, 49, 100]
    assert [it.sequence for it in world.heard] == [49, 100]


async def test_logic_that_offers_nothing_sees_every_event(world: World) -> None:
    """An empty offer is none."""
    history = await world.histories.state(KEY)
    appended = await world.log.append(batch("c", pages=80))

    world.offer(appended, history, AnyMessage())

    assert (await world.kept(), world.heard) == (None, [])


async def test_a_wrong_snapshot_is_dropped_and_counted(world: World, system: System) -> None:
    """What logic makes of all events differs from what it makes of the snapshot."""
    await world.append(50)
    world.says = lambda book: count(book) + 7 * (not book.HasField("snapshot"))

    await world.append(50)

    assert (await world.kept(), world.heard[-1]) == (None, None)
    counted = {it.metric.name: it.series for it in system.metrics.collect()}
    assert counted[MISMATCHES] == {("order", "order"): 1}


async def test_logic_that_never_says_the_same_is_not_judged(world: World) -> None:
    """A state that holds the time of the call proves nothing."""
    await world.append(50)
    calls: list[EventBook] = []

    def says(book: EventBook) -> int:
        calls.append(book)
        return len(calls)

    world.says = says
    await world.append(50)

    assert await world.kept() == 99


async def test_a_failure_is_no_answer(log: EventLog, system: System) -> None:
    """A store that is full, or a state that is too large, leaves what was kept."""
    small = World(log, system, limit_bytes=3)
    await small.append(60)
    assert await small.kept() is None

    class Full(NoFaults):
        @override
        def at(self, point: str) -> None:
            assert point == "K15"
            raise StoreFullError("Store is full")

    full = World(log, replace(system, faults=Full()))
    await full.append(1)
    assert (await full.kept(), full.heard) == (None, [])

    whole = World(log, system)
    await whole.append(1)
    assert await whole.kept() == 61


async def test_a_snapshot_that_cannot_be_read_is_not_used(world: World) -> None:
    """The events tell the same."""
    await world.append(50)
    kept = await world.log.snapshot(KEY)
    assert kept is not None
    await world.log.drop_snapshot(KEY)
    await world.log.save_snapshot(replace(kept, state=b"\xff\xff"))

    history = await world.histories.state(KEY)

    assert (len(history.pages), history.HasField("snapshot")) == (50, False)
