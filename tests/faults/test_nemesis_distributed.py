"""S6 on servers: two coordinators of each component on Postgres and NATS, and nothing is safe."""

import asyncio
from pathlib import Path

import pytest

from .servers import Servers
from .system import System
from .trial import Trial

CLIENTS, ROOTS = 12, 8
RUNS, LONG_RUNS = 1, 3
ROUNDS, LONG_ROUNDS = 1, 4

pytestmark = [pytest.mark.integration, pytest.mark.timeout(3600)]


async def test_no_fault_of_servers_or_replicas_breaks_an_invariant(
    scratch: Path, tmp_path: Path, seed: int, *, is_long: bool
) -> None:
    """Whatever replica or server is struck: after healing every invariant holds."""
    for run in range(LONG_RUNS if is_long else RUNS):
        directory = scratch / str(run)
        directory.mkdir()
        servers = await asyncio.to_thread(Servers(directory).__enter__)
        try:
            system = System(directory, servers=servers)
            await system.migrate()
            trial = Trial(system, seed=seed + run, roots=ROOTS)
            async with trial.running():
                async with trial.loaded(CLIENTS):
                    await trial.under_faults(LONG_ROUNDS if is_long else ROUNDS)
                violations = await trial.verdict()
        finally:
            await asyncio.to_thread(servers.__exit__, None, None, None)
        print(trial.nemesis.table(), f"\n{trial.load.accepted} accepted")  # noqa: T201 - for -s

        assert violations == [], trial.told(violations, tmp_path / "history.jsonl")
        assert not is_long or trial.nemesis.empty_cells() == []
