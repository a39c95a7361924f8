"""The saga's coordinator as a process of its own, with SQLite."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from .logic import refusing, taken_back, text_of
from .world import ROOT, SAGA, World

ROOTS = [bytes([number]) * 16 for number in range(6)]
EVENTS = 40


class Process:
    """The console script between the aggregates of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lines: list[dict[str, Any]] = []
        endpoints = [
            {"name": domain, "kind": "aggregate", "domain": domain, "address": address}
            for domain, address in world.routes.items()
        ]
        self._command = [
            str(Path(sys.executable).with_name("angzarr-coordinator-saga")),
            f"--listen={world.address('saga')}",
            f"--component.name={SAGA}",
            f"--component.logic={world.address('saga-logic')}",
            '--component.inputs=["order"]',
            f"--store.url={world.directory / 'store'}",
            "--store.durability=volatile",
            "--bus.kind=channel",
            f"--discovery.endpoints={json.dumps(endpoints)}",
            "--delivery.poll_seconds=0.1",
            "--shutdown.drain_seconds=1",
        ]

    async def start(self, *, killed_at: str = "") -> None:
        """Start the process, or one that kills itself where it first passes a point."""
        command = self._command
        if killed_at:
            script = Path(__file__).with_name("killed.py")
            command = [sys.executable, str(script), killed_at, *command[1:]]
        self.running = await asyncio.create_subprocess_exec(
            *command,
            env={"PATH": os.defpath},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        if self.running.returncode is None:
            self.running.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code."""
        async with asyncio.timeout(20):
            output, _ = await self.running.communicate()
        self.lines += [json.loads(line) for line in output.splitlines()]
        return int(self.running.returncode or 0)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition of other processes, at most thirty seconds."""
        async with asyncio.timeout(30):
            while not await condition():
                await self.world.system.clock.sleep(2)


@pytest.fixture
async def process(empty_world: World) -> AsyncIterator[Process]:
    """Start a world whose saga is a process; leave none behind."""
    for domain in ("order", "inventory"):
        await empty_world.start_aggregate(domain)
    await empty_world.start_logic()
    made = Process(empty_world)
    await made.start()
    yield made
    await made.end(signal.SIGKILL)


async def effects(world: World) -> int:
    """Return how many events the target has."""
    return sum([len(await world.stock(root)) for root in ROOTS])


@pytest.mark.timeout(120)
async def test_a_killed_saga_loses_and_repeats_nothing(process: Process) -> None:
    """Two hundred events over three SIGKILLs: one effect each, in the order of their root."""
    world, wanted = process.world, len(ROOTS) * EVENTS

    async def source() -> None:
        for sequence in range(EVENTS):
            for root in ROOTS:
                await world.order(f"{sequence}", root=root, sequence=sequence)

    async def killer() -> None:
        for share in (1, 2, 3):
            await process.until(lambda share=share: reached(world, wanted * share // 5))
            await process.end(signal.SIGKILL)
            await process.start()

    async with asyncio.TaskGroup() as group:
        group.create_task(source())
        group.create_task(killer())
    await process.until(lambda: reached(world, wanted))

    texts = [[text_of(page.event) for page in await world.stock(root)] for root in ROOTS]
    assert texts == [[f"reserve {sequence}" for sequence in range(EVENTS)]] * len(ROOTS)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("point", ["Q7", "Q11", "Q12"])
async def test_a_killed_saga_compensates_exactly_once(process: Process, point: str) -> None:
    """Killed when a command was sent, when the decision and when the rejection was stored."""
    world = process.world
    world.saga.decide = refusing
    world.logic["order"].take_back = taken_back
    await process.end(signal.SIGKILL)

    await process.start(killed_at=point)
    await world.order("two apples", root=ROOTS[0])
    code = await process.ended()
    before = [len(await world.pages("order", ROOTS[0])), effects_of(world)]
    await process.start()
    await process.until(lambda: cancelled(world))

    assert code == -signal.SIGKILL
    assert before == [1, {"Q7": 1, "Q11": 0, "Q12": 1}[point]]
    history = await world.pages("order", ROOTS[0])
    assert [text_of(page.event) for page in history] == ["two apples", "cancelled"]
    assert [text_of(page.event) for page in await world.stock(ROOTS[0])] == ["go two apples"]
    await process.until(lambda: finished(world))
    assert world.saga.seen == ["two apples", "cancelled"]
    assert len(world.logic["order"].revoked) == 1
    assert effects_of(world) == 2


def effects_of(world: World) -> int:
    """Return how often the target's logic was asked; a repeat is answered without it."""
    return len(world.logic["inventory"].asked)


async def cancelled(world: World) -> bool:
    """Say whether the order was taken back and the later command sent."""
    stored = len(await world.pages("order", ROOTS[0])) + len(await world.stock(ROOTS[0]))
    return stored == 3


async def finished(world: World) -> bool:
    """Say whether the saga has seen that the order was taken back."""
    return "cancelled" in world.saga.seen


async def reached(world: World, count: int) -> bool:
    """Say whether the target has at least so many events."""
    return await effects(world) >= count


async def test_a_stopped_saga_drains(process: Process) -> None:
    """SIGTERM ends the process with exit code 0, and the next one goes on."""
    world = process.world
    await world.order("one", root=ROOTS[0])
    await process.until(lambda: reached(world, 1))

    code = await process.end(signal.SIGTERM)
    await process.start()
    await world.order("two", root=ROOTS[0], sequence=1)
    await process.until(lambda: reached(world, 2))

    assert code == 0
    assert world.saga.seen == ["one", "two"]
    assert {line["component"] for line in process.lines} == {SAGA}


async def test_garbage_from_logic_parks_its_event_only(process: Process) -> None:
    """A reply that is no message is a failed attempt, and the process goes on."""
    world = process.world
    world.saga.garbage = b"\xff\xff"

    await world.order("two apples", root=ROOT)
    await process.until(lambda: asked_again(world, process))

    assert process.running.returncode is None
    assert len(world.saga.executed) >= 2


async def asked_again(world: World, process: Process) -> bool:
    """Say whether the event was tried twice, or the process has ended."""
    return len(world.saga.executed) >= 2 or process.running.returncode is not None
