"""S8: the bus is a hint; without it everything arrives, only later."""

from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from .system import System
from .trial import Trial
from .witness import PROJECTOR, SAGA

CLIENTS, ROOTS = 8, 8
WIPES, LONG_WIPES = 10, 200
AFTER_COMMANDS = 10

pytestmark = pytest.mark.timeout(1800)


async def test_wiped_pipes_lose_nothing(
    scratch: Path, tmp_path: Path, seed: int, *, is_long: bool
) -> None:
    """Every pipe is removed at ten points of a load, and each comes back by itself."""
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    pipes = scratch / "run"
    read = [pipes / f"order.{it}.pipe" for it in (SAGA, PROJECTOR)]
    removed = 0
    async with trial.running():
        async with trial.loaded(CLIENTS):
            for _ in range(LONG_WIPES if is_long else WIPES):
                await trial.progress(AFTER_COMMANDS)
                await trial.system.until(
                    lambda: all(it.exists() for it in read), "with pipes again", 30
                )
                for path in pipes.glob("*.pipe"):
                    path.unlink(missing_ok=True)
                    removed += 1
        violations = await trial.verdict()

    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
    assert removed >= WIPES


async def test_subscribers_without_any_bus_miss_nothing(
    scratch: Path, tmp_path: Path, seed: int
) -> None:
    """Where every pipe should be is a directory: polls of the feed find everything."""
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    async with trial.running():
        places = [scratch / f"run/order.{it}.pipe" for it in (SAGA, PROJECTOR)]
        for place in places:
            await trial.system.until(partial(replaced, place), "without a bus")
        for subscriber in (SAGA, PROJECTOR):
            step = ("kill", "saga", f"coordinator-{subscriber}", 0.0)
            await trial.nemesis.strike(step)
        async with trial.loaded(CLIENTS, commands=5):
            pass
        is_quiet = await trial.witness.settled()
        stayed = [place.is_dir() for place in places]
        for place in places:
            place.rmdir()
        violations = await trial.verdict()

    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
    assert (is_quiet, stayed) == (True, [True, True])
    assert trial.load.accepted > 0


def replaced(pipe: Path) -> bool:
    """Say whether a directory is where the pipe was; its reader may make it again meanwhile."""
    pipe.unlink(missing_ok=True)
    with suppress(FileExistsError):
        pipe.mkdir()
        return True
    return False
