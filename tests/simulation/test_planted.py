"""The suite catches the bugs that it must catch (reliability.md §9, S1 and S17)."""

from typing import Any

import pytest

from .planted import CAUGHT_BY

BUDGET = 400


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", CAUGHT_BY)
async def test_a_planted_bug_is_caught(bug: str, run_seeds: Any) -> None:
    """A seed fails and names the invariant that the bug breaks."""
    outcome = await run_seeds(0, BUDGET, bug, workers=1)

    broken = {fault.split()[0] for failure in outcome.failures for fault in failure["faults"]}
    assert CAUGHT_BY[bug] in broken
