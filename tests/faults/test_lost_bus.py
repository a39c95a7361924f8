"""S8: the bus is a hint; without it everything arrives, only later."""

from pathlib import Path

import pytest

from .system import System
from .trial import Trial

CLIENTS, ROOTS = 8, 8
WIPES, LONG_WIPES = 10, 200
AFTER_COMMANDS = 10

pytestmark = pytest.mark.timeout(1800)


async def test_wiped_pipes_lose_nothing(
    scratch: Path, tmp_path: Path, seed: int, is_long: bool
) -> None:
    """Every pipe is removed at ten points of a load, and each comes back by itself."""
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    pipes = scratch / "run"
    removed = 0
    async with trial.running():
        async with trial.loaded(CLIENTS):
            for _ in range(LONG_WIPES if is_long else WIPES):
                await trial.progress(AFTER_COMMANDS)
                await trial.system.until(lambda: [*pipes.glob("*.pipe")], "with pipes again")
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
    run = scratch / "run"
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    run.mkdir(mode=0o700)
    for subscriber in ("saga-order-stock", "projector-order"):
        (run / f"order.{subscriber}.pipe").mkdir()
    async with trial.running():
        async with trial.loaded(CLIENTS, commands=5):
            pass
        violations = await trial.verdict()

    assert [it for it in violations if "left behind" not in it.message] == []
    assert trial.load.accepted > 0
