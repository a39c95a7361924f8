"""The suite catches the bugs that it must catch (reliability.md §9, S1 and S17)."""

from typing import Any

import pytest

from .plan import ON_SQLITE
from .planted import CAUGHT_BY

BUDGET = 400


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", CAUGHT_BY)
async def test_a_planted_bug_is_caught(bug: str, run_seeds: Any) -> None:
    """A seed fails and names the invariant that the bug breaks."""
    outcome = await run_seeds(0, BUDGET, bug, workers=1)

    broken = {fault.split()[0] for failure in outcome.failures for fault in failure["faults"]}
    assert CAUGHT_BY[bug] in broken


@pytest.mark.timeout(120)
async def test_a_checkpoint_before_its_effect_is_seen_in_a_file(run_seeds: Any) -> None:
    """The recorder hears of each transaction in SQLite at the instant of its commit."""
    outcome = await run_seeds(ON_SQLITE, ON_SQLITE + 1, "B2", workers=1)

    assert any("I12" in fault for failure in outcome.failures for fault in failure["faults"])
