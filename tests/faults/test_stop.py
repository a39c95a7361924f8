"""S15: stop, kill and start again under load; nothing is left, nothing acknowledged is lost."""

import os
import re
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from .system import System
from .trial import Trial

CLIENTS, ROOTS = 6, 8
CYCLES, LONG_CYCLES = 4, 20
HOW = (SIGTERM, SIGKILL, SIGINT, SIGKILL)
DRAINED = 0
ROUNDS, LONG_ROUNDS = 1, 4  # the fifth death within five minutes is the last
DEATH = re.compile(r"(\S+)  (exited \d+|was killed by \w+), restart")

pytestmark = pytest.mark.timeout(1800)


async def test_a_stop_under_load_loses_and_leaves_nothing(
    scratch: Path, tmp_path: Path, seed: int, *, is_long: bool
) -> None:
    """Cycles of SIGTERM, SIGKILL and start: exit 0 where drained, no leftovers, all invariants."""
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    found = []
    async with trial.running():
        async with trial.loaded(CLIENTS):
            for cycle in range(LONG_CYCLES if is_long else CYCLES):
                await trial.progress(20)
                found.append(await stopped(trial.system, HOW[cycle % len(HOW)]))
                await trial.system.start()
            await trial.progress(20)
        violations = await trial.verdict()

    assert found == [(DRAINED, []) if it is not SIGKILL else (-SIGKILL, []) for it in cycled(found)]
    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")


def cycled(found: list[tuple[int, list[str]]]) -> list[Signals]:
    """Return the signals of so many cycles."""
    return [HOW[at % len(HOW)] for at in range(len(found))]


async def stopped(system: System, number: Signals) -> tuple[int, list[str]]:
    """End a system; return the exit code of its supervisor and what it leaves behind.

    After SIGKILL of the supervisor its guard ends the processes; files stay until the next start.
    """
    code = await system.stop(number)
    if number is SIGKILL:
        await system.until(lambda: not system.survivors(), "without survivors")
        return code, [it for it in system.left() if not it.startswith(("file ", "socket "))]
    return code, list(system.left())


async def test_a_rolling_restart_under_load_loses_nothing(
    scratch: Path, tmp_path: Path, seed: int, *, is_long: bool
) -> None:
    """One process after the other is stopped and replaced: ours drain and exit 0."""
    trial = Trial(System(scratch), seed=seed, roots=ROOTS)
    system = trial.system
    async with trial.running():
        async with trial.loaded(CLIENTS):
            for _ in range(LONG_ROUNDS if is_long else ROUNDS):
                for name, it in system.processes().items():
                    await trial.progress(3)
                    os.kill(it.pid, SIGTERM)
                    await system.replaced(name, it.pid)
            await trial.progress(20)
        ours = {name for name, it in system.processes().items() if it.role != "logic"}
        drained = set(DEATH.findall(system.output))
        violations = await trial.verdict()

    assert drained >= {(name, "exited 0") for name in ours}
    assert {how for name, how in drained if name in ours} == {"exited 0"}, drained
    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")


async def test_nobody_outlives_a_killed_supervisor(scratch: Path) -> None:
    """Every process ends by itself, and the next start finds nothing in its way."""
    system = System(scratch)
    await system.start()
    try:
        await system.stop(SIGKILL)
        await system.until(lambda: not system.survivors(), "alone", seconds=20)
        await system.start()
        code = await system.stop()
        left = list(system.left())
    finally:
        await system.aclose()

    assert (code, left) == (DRAINED, [])
