"""S14: half a load for some time, and nothing grows."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook
from angzarr_client import Client
from angzarr_service import CallError

from .clients import Customer, Workload
from .process import until
from .soak import Held, Pace, Soak, grown, resident
from .subscribing import Chain
from .system import System
from .trial import Trial

CLIENTS, ROOTS, TAILS, LONG_TAILS = 8, 32, 12, 64
WARMING, COMMANDS_PER_CONNECTION = 200, 25
PER_MINUTE = Pace(mebibytes=1.0, window=2.0, patience=6.0)
PER_THOUSAND_COMMANDS = Pace(mebibytes=2.5, window=0.4, patience=0.6)
FEW_ROOTS = "limits: {cached_roots: 8}"  # a history is no leak
FILLING, BEHIND, LARGE_BYTES = 1800, 1200, 2500  # a window of 512 and an inbox of 1,024 are full
MUCH_MEBIBYTES = 1.5  # half of what would wait

pytestmark = pytest.mark.timeout(1800)


async def test_nothing_grows(scratch: Path, tmp_path: Path, seed: int, *, is_long: bool) -> None:
    """Memory levels off; descriptors, threads and tasks are in the end what they were before.

    Half a load, with calls that are given up, and with connections and streams that come and go.
    """
    trial = Trial(System(scratch, more=FEW_ROOTS), seed=seed, roots=ROOTS)
    trial.load.idle = True
    tails = LONG_TAILS if is_long else TAILS
    async with trial.running():
        async with half_loaded(trial, "warm", tails):
            await trial.progress(WARMING)
        assert await trial.witness.settled()
        soak = Soak(trial.system)
        before = await soak.rested()
        async with half_loaded(trial, "soak", tails):
            growing = await levelled(soak, trial.load, is_long=is_long)
            assert growing == {}, f"MiB per unit: {growing}\n{soak.table()}"
        is_quiet = await trial.witness.settled()
        left = await released(soak, before)
        restarts = sum(it.restarts for it in trial.system.processes().values())
        violations = await trial.verdict()
    print(soak.table(), f"\n{trial.load.accepted} accepted")  # noqa: T201 - for -s

    assert left == {}, f"held before, held now: {left}"
    assert (is_quiet, restarts) == (True, 0)
    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")


async def test_an_inbox_is_bounded(scratch: Path) -> None:
    """A subscriber whose logic is away takes no more memory however much is published."""
    chain = Chain(scratch, "projector", {})
    async with chain.running():
        await chain.logic.stop()
        await publish(chain, 0, FILLING)
        filled = resident(chain.subscriber.pid)
        await publish(chain, FILLING, BEHIND)
        more = resident(chain.subscriber.pid) - filled

    assert more < MUCH_MEBIBYTES


async def publish(chain: Chain, first: int, events: int) -> None:
    """Store large events, each of a root of its own, a few at a time."""
    numbers, text = iter(range(first, first + events)), StringValue(value="x" * LARGE_BYTES)

    async def work() -> None:
        async with grpc.aio.insecure_channel(chain.aggregates[0].address) as channel:
            stub = AggregateCoordinatorStub(channel)
            for number in numbers:
                book = CommandBook.to("order", number.to_bytes(16, "big"), text)
                await stub.Handle(book, timeout=60, wait_for_ready=True)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(work())


async def levelled(soak: Soak, load: Workload, *, is_long: bool) -> dict[str, float]:
    """Wait until nothing grows: per minute in the long form, else per thousand commands."""
    began, accepted = time.monotonic(), load.accepted
    if is_long:
        return await soak.levelled(lambda: (time.monotonic() - began) / 60, PER_MINUTE)
    return await soak.levelled(lambda: (load.accepted - accepted) / 1000, PER_THOUSAND_COMMANDS)


@asynccontextmanager
async def half_loaded(trial: Trial, name: str, tails: int) -> AsyncIterator[None]:
    """Run clients and readers of the feed beside the body; both connect again and again."""
    stop = asyncio.Event()
    trial.load.stopping = False
    async with asyncio.TaskGroup() as group:
        group.create_task(trial.witness.run(stop))
        async with asyncio.TaskGroup() as working:
            for number in range(CLIENTS):
                working.create_task(visit(trial.load, f"{name}-{number}"))
            for _ in range(tails):
                working.create_task(tail(trial.load))
            yield
            trial.load.stopping = True
        stop.set()


async def visit(load: Workload, name: str) -> None:
    """Be one client after the other."""
    for number in count():
        if load.stopping:
            return
        await Customer(f"{name}.{number}", load).run(commands=COMMANDS_PER_CONNECTION)


async def tail(load: Workload) -> None:
    """Follow the log for a moment, and go away in the middle of it."""
    while not load.stopping:
        async with Client(load.address) as client:
            with suppress(TimeoutError, CallError):
                after = await client.head("order")
                async with asyncio.timeout(load.chance.uniform(0.5, 4)):
                    async for _ in client.feed("order", after=after, follow=True):
                        pass


async def released(soak: Soak, before: Held) -> dict[tuple[str, str], tuple[int, int]]:
    """Wait until nothing more is held than before; return what is held for ever."""
    left: dict[tuple[str, str], tuple[int, int]] = {}

    async def is_less() -> bool:
        nonlocal left
        left = grown(before, await soak.held())
        return not left

    with suppress(TimeoutError):
        await until(is_less)
    return left
