"""S14: half a load for some time, and nothing grows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from angzarr_client import Client

from .clients import Customer, Workload
from .process import until
from .soak import Held, Soak, grown
from .system import System
from .trial import Trial

CLIENTS, ROOTS, TAILS, LONG_TAILS = 8, 32, 12, 64
WARMING, COMMANDS_PER_CONNECTION = 200, 25
SECONDS, LONG_SECONDS = 12.0, 120.0
GIVE_UP_COMMANDS, LONG_GIVE_UP_COMMANDS = 4_000, 100_000
FEW_ROOTS = "limits: {cached_roots: 8}"  # a history is no leak

pytestmark = pytest.mark.timeout(1800)


async def test_nothing_grows(scratch: Path, tmp_path: Path, seed: int, *, is_long: bool) -> None:
    """Memory levels off; descriptors, threads and tasks are in the end what they were before.

    Half a load with calls that are given up, with connections and streams that come and go, and
    with a projector that falls further and further behind.
    """
    trial = Trial(System(scratch, more=FEW_ROOTS), seed=seed, roots=ROOTS)
    load, slow = trial.load, scratch / "slow"
    load.idle = True
    async with trial.running():
        async with half_loaded(trial, "warm", LONG_TAILS if is_long else TAILS):
            await trial.progress(WARMING)
        assert await trial.witness.settled()
        soak = Soak(trial.system)
        before = await soak.held()
        end = load.accepted + (LONG_GIVE_UP_COMMANDS if is_long else GIVE_UP_COMMANDS)
        slow.touch()
        async with half_loaded(trial, "soak", LONG_TAILS if is_long else TAILS):
            growing = await soak.levelled(
                lambda: load.accepted < end, LONG_SECONDS if is_long else SECONDS
            )
            assert growing == {}, f"MiB per minute: {growing}\n{soak.table()}"
        slow.unlink()
        is_quiet = await trial.witness.settled()
        left = await released(soak, before)
        violations = await trial.verdict()
    print(soak.table(), f"\n{load.accepted} accepted")  # noqa: T201 - for -s

    assert left == {}, f"held before, held now: {left}"
    assert is_quiet
    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")


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
            after = await client.head("order")
            with suppress(TimeoutError):
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
