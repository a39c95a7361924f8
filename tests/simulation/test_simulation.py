"""Whole systems under faults (reliability.md §8): S1."""

from collections import Counter
from typing import Any

import pytest

from .plan import ON_SQLITE
from .recorder import MEETS, OPERATIONS

FULL = 5_000


def table(matrix: Counter[tuple[str, str, str]]) -> str:
    """Return the matrix as text: a line per fault and component, a column per operation."""
    lines = [f"{'fault':10}{'component':11}" + "".join(f"{it:>11}" for it in OPERATIONS)]
    for fault, components in MEETS.items():
        for component in components:
            counts = [matrix[operation, fault, component] for operation in OPERATIONS]
            lines.append(f"{fault:10}{component:11}" + "".join(f"{it:>11}" for it in counts))
    return "\n".join(lines)


@pytest.mark.timeout(1800)
async def test_no_invariant_breaks(
    request: pytest.FixtureRequest, run_seeds: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever fails, every invariant of reliability.md §4 holds for every seed."""
    seed, count = request.config.getoption("--seed"), request.config.getoption("--seeds")
    first, last = (0, count) if seed is None else (seed, seed + 1)
    outcome = await run_seeds(first, last)

    with capsys.disabled():
        told = f"trace {outcome.trace}" if seed is not None else table(outcome.matrix)
        print(f"\n{outcome.done} seeds, {outcome.commands} commands\n{told}")  # noqa: T201 - the report
    assert outcome.failures == [], outcome.report
    assert outcome.done == last - first
    if count >= FULL and seed is None:
        empty = [
            (operation, fault, component)
            for fault, components in MEETS.items()
            for component in components
            for operation in OPERATIONS
            if not outcome.matrix[operation, fault, component]
        ]
        assert empty == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [17, ON_SQLITE], ids=["memory", "sqlite"])
async def test_a_seed_gives_the_same_trace_again(seed: int, run_seeds: Any) -> None:
    """Two processes that run one seed take the same turns and record the same history."""
    traces = {(await run_seeds(seed, seed + 1)).trace for _ in range(2)}

    assert len(traces) == 1
    assert traces != {(await run_seeds(seed + 1, seed + 2)).trace}
