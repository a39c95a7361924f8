"""Options of the simulation, and the processes that run its seeds."""

import asyncio
import json
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
WORKERS = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the number of seeds, or one seed to repeat, unless another suite has taken it."""
    parser.addoption("--seeds", type=int, default=100, help="how many seeds the simulation runs")
    with suppress(ValueError):
        parser.addoption("--seed", type=int, default=None, help="the one seed to run again")


@dataclass(slots=True)
class Outcome:
    """What the workers found."""

    done: int = 0
    commands: int = 0
    trace: str = ""
    failures: list[dict[str, Any]] = field(default_factory=list)
    matrix: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def take(self, line: str) -> None:
        """Add what one line says."""
        told = json.loads(line)
        if "seed" in told:
            self.failures.append(told)
            return
        self.done += told["done"]
        self.commands += told["commands"]
        self.trace = told["trace"]
        for operation, fault, component, count in told["matrix"]:
            self.matrix[operation, fault, component] += count

    @property
    def report(self) -> str:
        """Return every failure: its seed, its trace, what it broke, how to repeat it."""
        lines = []
        for it in self.failures[:10]:
            lines.append(f"--seed {it['seed']} (trace {it['trace'][:16]}):")
            lines += [f"  {fault}" for fault in it["faults"][:5]]
        return "\n".join(lines)


async def ran(first: int, last: int, bug: str = "", *, workers: int = WORKERS) -> Outcome:
    """Run the seeds of [first, last) in processes of their own, side by side."""
    outcome = Outcome()
    step = min(workers, last - first)

    async def work(begin: int) -> None:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", f"{HERE.name}.seeds"),
            *(str(begin), str(last), str(step), bug),
            cwd=HERE.parent,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        assert child.stdout is not None
        async for line in child.stdout:
            outcome.take(line.decode())
        assert await child.wait() == 0

    async with asyncio.TaskGroup() as group:
        for offset in range(step):
            group.create_task(work(first + offset))
    return outcome


@pytest.fixture
def run_seeds() -> Any:
    """Return the function that runs seeds."""
    return ran
