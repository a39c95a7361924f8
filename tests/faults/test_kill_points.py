"""S4: real processes that die at every point of reliability.md §5, and come back."""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from angzarr_bus import BusConfig, Frame
from angzarr_bus_ipc import IpcBus
from angzarr_ports import real_system
from angzarr_store import EMPTY_CHAIN, event_digest, next_chain

from .points import AGGREGATE, SUBSCRIBER
from .process import endpoints, until
from .single import NOWHERE, Clients, Component, logic
from .stores import dump, rows

CLIENTS, COMMANDS = 4, 5
AT_ONCE = 3
KILLED = -9
PASSAGES = {"Q2": 1, "Q14": 1}
POSITIONS = "SELECT position FROM subscriptions WHERE subscriber = ? AND domain = ?"
PROJECTED = "SELECT root, sequence FROM projections"

pytestmark = pytest.mark.timeout(150)


def check_log(path: Path, positions: dict[str, int], frames: Sequence[Frame] = ()) -> None:
    """Every acknowledged command is there once and where it was said, the chain recomputes."""
    found = dump(path, "order")
    chain = EMPTY_CHAIN
    for at, event in enumerate(found.events, start=1):
        place = (event.sequence, event.position)
        digest = event_digest("order", event.key, place, event.command_id, event.page or b"")
        chain = next_chain(chain, digest)
        assert (event.position, event.digest, event.chain) == (at, digest, chain)
    stored = {event.command_id: event.position for event in found.events}
    announced = {(frame.position + at, it) for frame in frames for at, it in enumerate(frame.pages)}

    counts = Counter(event.command_id for event in found.events)
    assert counts - Counter(positions) == {}, "stored twice, or never sent"
    assert stored == positions, "an acknowledged event is not where it was said to be"
    assert len(found.commands) == len(positions)
    phantoms = announced - {(event.position, event.page) for event in found.events}
    assert not phantoms, "an event was announced that is not stored"


def check_effects(log: Path, database: Path, name: str) -> None:
    """Every event up to the checkpoint on disk has been projected."""
    reached = rows(database, POSITIONS, name, "order") if database.exists() else []
    wanted = {
        event.key.root: event.sequence
        for event in (dump(log, "order").events if reached else ())
        if event.position <= reached[0][0]
    }
    projected = {row[0]: row[1] for row in rows(database, PROJECTED)} if reached else {}
    missing = [root for root, last in wanted.items() if projected.get(root, -1) < last]

    assert missing == [], "the checkpoint is ahead of its effect"


async def load(
    clients: Clients, part: Component, *, dead: Callable[[], None] = lambda: None
) -> None:
    """Run all clients; the component dies once, `dead` looks at its files, it starts again."""
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(clients.run(number + 1, COMMANDS))
        assert await part.ended() == KILLED, part.output
        dead()
        await part.use(NOWHERE).start()


async def aggregate_dies(directory: Path, point: str, passage: int, planted: str) -> None:
    """One death of a coordinator with a reader at its pipe."""
    os.mkdir(directory, 0o700)  # noqa: PTH102 - before anything runs
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
        async with logic("aggregate", order.logic):
            await order.use(f"kill:{point}:{passage}").start()
            clients = Clients(order.address)
            await load(clients, order)
            await order.end()
        check_log(order.database, clients.positions, frames)
    finally:
        listening.cancel()
        await order.end()
        await bus.aclose()
        await system.tasks.aclose()


async def lonely_aggregate_dies(directory: Path, point: str, passage: int, planted: str) -> None:
    """One death of a coordinator whose bus has no peer."""
    os.mkdir(directory, 0o700)  # noqa: PTH102 - before anything runs
    order = Component(directory, "aggregate", "order", bus="channel", planted=planted)
    async with logic("aggregate", order.logic):
        try:
            await order.use(f"kill:{point}:{passage}").start()
            clients = Clients(order.address)
            await load(clients, order)
        finally:
            await order.end()
    check_log(order.database, clients.positions)


@pytest.mark.parametrize("bus", ["pipe", "channel"])
async def test_a_coordinator_dies_at_every_point(scratch: Path, planted: str, bus: str) -> None:
    """Acknowledged events stay, unknown ones are settled by the same id, nothing is twice."""
    die = aggregate_dies if bus == "pipe" else lonely_aggregate_dies
    pipes = ("F1", "F2") if bus == "pipe" else ()
    await _few_at_once([partial(die, scratch / it, it, 4, planted) for it in (*AGGREGATE, *pipes)])
    _tell(f"SIGKILL x aggregate x {bus}", (*AGGREGATE, *pipes))


async def subscriber_dies(directory: Path, kind: str, death: tuple[str, int], planted: str) -> None:
    """One death of a saga or projector that follows the log of orders."""
    os.mkdir(directory, 0o700)  # noqa: PTH102 - before anything runs
    name = {"saga": "saga-order-stock", "projector": "projector-order"}[kind]
    order = Component(directory, "aggregate", "order", planted=planted)
    stock = Component(directory, "aggregate", "stock", planted=planted)
    places = endpoints({"order": order.address, "stock": stock.address})
    part = Component(directory, kind, name, places, '--component.inputs=["order"]', planted=planted)
    domains = [order, stock] if kind == "saga" else [order]
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(logic("aggregate", *(it.logic for it in domains)))
        await stack.enter_async_context(logic(kind, part.logic))
        for it in (*domains, part.use(f"kill:{death[0]}:{death[1]}")):
            await it.start()
            stack.push_async_callback(it.end)
        clients = Clients(order.address)
        dead = partial(check_effects, order.database, part.database, name)
        await load(clients, part, dead=dead if kind == "projector" else lambda: None)

        async def is_done() -> bool:
            return rows(part.database, POSITIONS, name, "order") == [(CLIENTS * COMMANDS,)]

        await until(is_done)
    check_log(order.database, clients.positions)
    if kind == "projector":
        projected = {row[0]: row[1] for row in rows(part.database, PROJECTED)}
        wanted = {bytes([number + 1]) * 16: COMMANDS - 1 for number in range(CLIENTS)}
        assert projected == wanted, "not every event is projected"
    else:
        effects = Counter(event.page for event in dump(stock.database, "stock").events)
        assert len(effects) == effects.total() == CLIENTS * COMMANDS, "not one effect per event"


@pytest.mark.parametrize("kind", ["saga", "projector"])
async def test_a_subscriber_dies_at_every_point(
    scratch: Path, planted: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event has one effect, and the checkpoint is never ahead of it."""
    monkeypatch.setenv("JOURNAL", str(scratch / "journal.txt"))
    deaths = [(point, PASSAGES.get(point, 4)) for point in SUBSCRIBER]
    await _few_at_once(
        [partial(subscriber_dies, scratch / it[0], kind, it, planted) for it in deaths]
    )
    _tell(f"SIGKILL x {kind}", SUBSCRIBER)


async def _few_at_once(trials: Sequence[Callable[[], Awaitable[None]]]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(trial: Callable[[], Awaitable[None]]) -> None:
        async with slots:
            await trial()

    async with asyncio.TaskGroup() as group:
        for trial in trials:
            group.create_task(run(trial))


def _tell(what: str, points: Sequence[str]) -> None:
    print(f"{what}: {', '.join(f'{point} 1' for point in points)}")  # noqa: T201 - the count matrix
