"""S7: many clients, no fault, the same checker."""

from pathlib import Path

import pytest

from .system import System
from .trial import Trial

CLIENTS = 32
COMMANDS = {1: 4, 100: 15}
LONG_FACTOR = 25

pytestmark = pytest.mark.timeout(1800)


@pytest.mark.parametrize("roots", [1, 100])
async def test_contention_breaks_no_invariant(
    scratch: Path, tmp_path: Path, seed: int, is_long: bool, roots: int
) -> None:
    """All clients on one root, and on a hundred: every command has one place or one refusal."""
    trial = Trial(System(scratch), seed=seed, roots=roots)
    trial.load.patience = (20.0,)
    commands = COMMANDS[roots] * (LONG_FACTOR if is_long else 1)
    async with trial.running():
        async with trial.loaded(CLIENTS, commands=commands):
            pass
        violations = await trial.verdict()

    assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
    assert trial.load.unsettled == 0
    assert trial.load.accepted >= CLIENTS * commands * 2 // 3
