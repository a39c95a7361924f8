"""S6: clients under kill, pause, broken disks, lost pipes, cut connections; the whole history."""

from pathlib import Path

import pytest

from .system import System
from .trial import Trial

CLIENTS, ROOTS = 12, 8
RUNS, LONG_RUNS = 1, 3
ROUNDS, LONG_ROUNDS = 1, 4

pytestmark = pytest.mark.timeout(1800)


async def test_no_fault_breaks_an_invariant(
    scratch: Path, tmp_path: Path, seed: int, is_long: bool
) -> None:
    """Whatever is killed, paused, cut or broken: after healing every invariant holds."""
    for run in range(LONG_RUNS if is_long else RUNS):
        directory = scratch / str(run)
        directory.mkdir()
        trial = Trial(System(directory), seed=seed + run, roots=ROOTS)
        async with trial.running():
            async with trial.loaded(CLIENTS):
                await trial.under_faults(LONG_ROUNDS if is_long else ROUNDS)
            violations = await trial.verdict()
        print(trial.nemesis.table(), f"\n{trial.load.accepted} accepted")  # noqa: T201 - for -s

        assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
        assert not is_long or trial.nemesis.empty_cells() == []
