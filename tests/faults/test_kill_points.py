"""S4: coordinators that die at every point of reliability.md §5, each on what the last one left."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from angzarr_bus import BusConfig, Frame
from angzarr_bus_ipc import IpcBus
from angzarr_ports import real_system

from .checks import POSITIONS, PROJECTED, effect_faults, log_faults
from .points import AGGREGATE, PIPES, SAGA, SUBSCRIBER
from .process import endpoints, until
from .single import Clients, Component, dies, logic
from .stores import dump, head, rows

CLIENTS = 4
PASSAGE, FIRST = 4, {"Q2": 1, "Q14": 1}
BESIDE = 3

pytestmark = pytest.mark.timeout(600)


async def aggregate_dies(directory: Path, deaths: Sequence[str], planted: str) -> list[str]:
    """Let a coordinator die with a reader at its pipe; return what is wrong afterwards."""
    order = Component(directory, "aggregate", "order", planted=planted)
    system = real_system(lambda _name, error: pytest.fail(str(error)))
    bus = await IpcBus.open(BusConfig(url=str(directory)), system)
    inbox = await bus.subscribe("order", "reader", limit_frames=1000)
    frames: list[Frame] = []

    async def listen() -> None:
        while True:
            frame = await inbox.receive()
            frames.extend([frame] if frame is not None and frame.count else [])

    listening = system.tasks.start("listener", listen())
    try:
        positions = await _load(order, deaths)
        return log_faults(order.database, positions, frames)
    finally:
        listening.cancel()
        await bus.aclose()
        await system.tasks.aclose()


async def lonely_aggregate_dies(directory: Path, deaths: Sequence[str], planted: str) -> list[str]:
    """Let a coordinator die whose bus has no peer; return what is wrong afterwards."""
    order = Component(directory, "aggregate", "order", bus="channel", planted=planted)
    return log_faults(order.database, await _load(order, deaths))


async def _load(order: Component, deaths: Sequence[str]) -> dict[str, int]:
    """Return where clients were told that their events are."""
    async with logic("aggregate", order.logic):
        clients = Clients(order.address)
        try:
            async with clients.working(CLIENTS):
                await dies(order, deaths)
        finally:
            await order.end()
    return clients.positions


@pytest.mark.parametrize("bus", ["pipe", "channel"])
async def test_a_coordinator_dies_at_every_point(scratch: Path, planted: str, bus: str) -> None:
    """Acknowledged events stay, unknown ones are settled by the same id, nothing is twice."""
    die = aggregate_dies if bus == "pipe" else lonely_aggregate_dies
    points = AGGREGATE + (PIPES if bus == "pipe" else ())
    async with asyncio.TaskGroup() as group:
        runs = [
            group.create_task(die(scratch / str(at), _deaths(points[at::BESIDE]), planted))
            for at in range(BESIDE)
        ]

    assert [it.result() for it in runs] == [[]] * BESIDE
    _tell(f"SIGKILL x aggregate x {bus}", points)


async def subscriber_dies(
    directory: Path, kind: str, deaths: Sequence[str], planted: str
) -> list[str]:
    """Let a follower of the log of orders die; return what is wrong during and afterwards."""
    name = {"saga": "saga-order-stock", "projector": "projector-order"}[kind]
    order = Component(directory, "aggregate", "order", planted=planted)
    stock = Component(directory, "aggregate", "stock", planted=planted)
    places = endpoints({"order": order.address, "stock": stock.address})
    part = Component(directory, kind, name, places, '--component.inputs=["order"]', planted=planted)
    domains = [order, stock] if kind == "saga" else [order]
    clients = Clients(order.address)
    faults: list[str] = []

    def look() -> None:
        if kind == "projector":
            faults.extend(effect_faults(order.database, part.database, name))

    async def is_done() -> bool:
        end = head(order.database, "order")
        return rows(part.database, POSITIONS, name, "order") == [(end,)]

    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(logic("aggregate", *(it.logic for it in domains)))
        await stack.enter_async_context(logic(kind, part.logic))
        for it in domains:
            await it.start()
        for it in (*domains, part):
            stack.push_async_callback(it.end)
        async with clients.working(CLIENTS):
            await dies(part, deaths, dead=look)
        await until(is_done)
    look()
    faults += log_faults(order.database, clients.positions)
    if kind == "projector":
        is_whole = len(rows(part.database, PROJECTED)) == CLIENTS
        return faults if is_whole else [*faults, "not every event is projected"]
    effects = Counter(event.page for event in dump(stock.database, "stock").events)
    is_whole = len(effects) == effects.total() == len(clients.positions)
    return faults if is_whole else [*faults, "not one effect per event"]


@pytest.mark.parametrize("kind", ["saga", "projector"])
async def test_a_subscriber_dies_at_every_point(
    scratch: Path, planted: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event has one effect, and the checkpoint is never ahead of it."""
    monkeypatch.setenv("JOURNAL", str(scratch / "journal.txt"))
    points = SUBSCRIBER + (SAGA if kind == "saga" else ())
    async with asyncio.TaskGroup() as group:
        runs = [
            group.create_task(
                subscriber_dies(scratch / str(at), kind, _deaths(points[at::BESIDE]), planted)
            )
            for at in range(BESIDE)
        ]

    assert [it.result() for it in runs] == [[]] * BESIDE
    _tell(f"SIGKILL x {kind}", points)


def _deaths(points: Sequence[str]) -> list[str]:
    return [f"kill:{point}:{FIRST.get(point, PASSAGE)}" for point in points]


def _tell(what: str, points: Sequence[str]) -> None:
    print(f"{what}: {', '.join(f'{point} 1' for point in points)}")  # noqa: T201 - the count matrix
