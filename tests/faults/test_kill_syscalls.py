"""S4: SIGKILL at the n-th system call on the files of a store, from its creation on."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from .checks import log_faults
from .single import Clients, dies, logic
from .tracing import Traced

CLIENTS = 3
BESIDE = 3
# Each begins with a death while the store is made; the others follow on what it left.
CHAINS = (
    ("pwrite64 1", "pwrite64 1", "fdatasync 1", "pwrite64 25", "openat 1"),
    ("pwrite64 5", "pwrite64 2", "fdatasync 2", "pwrite64 30", "openat 2"),
    ("pwrite64 10", "pwrite64 3", "fdatasync 3", "pwrite64 35", "openat 3"),
    ("pwrite64 15", "pwrite64 4", "fdatasync 4", "pwrite64 40", "openat 4"),
    ("pwrite64 20", "pwrite64 6", "fdatasync 5", "pwrite64 45", "openat 5"),
    ("pwrite64 30", "pwrite64 8", "fdatasync 6", "pwrite64 50", "close 1"),
    ("pwrite64 40", "pwrite64 10", "fdatasync 7", "pwrite64 55", "close 2"),
    ("pwrite64 48", "pwrite64 12", "fdatasync 8", "pwrite64 60", "flock 1"),
    ("fdatasync 2", "pwrite64 14", "fdatasync 9", "pwrite64 65", "fdatasync 12"),
    ("fdatasync 5", "pwrite64 16", "fdatasync 10", "pwrite64 70", "fdatasync 14"),
    ("unlink 1", "pwrite64 18", "fdatasync 11", "pwrite64 75", "fdatasync 16"),
    ("ftruncate 1", "pwrite64 20", "fdatasync 13", "pwrite64 80", "fdatasync 18"),
)

pytestmark = pytest.mark.timeout(600)


async def aggregate_dies(directory: Path, deaths: Sequence[str], planted: str) -> list[str]:
    """Let a coordinator die under load; return what is wrong afterwards."""
    order = Traced(directory, "aggregate", "order", bus="channel", planted=planted)
    clients = Clients(order.address)
    async with logic("aggregate", order.logic):
        try:
            async with clients.working(CLIENTS):
                await dies(order, deaths)
        finally:
            await order.end()
    return log_faults(order.database, clients.positions)


async def test_a_coordinator_dies_at_a_system_call(scratch: Path, planted: str) -> None:
    """Half a write, a file without its name, a lock that was just taken: the next start copes."""
    slots = asyncio.Semaphore(BESIDE)

    async def run(number: int) -> list[str]:
        async with slots:
            deaths = [
                f"{call}:signal=SIGKILL:when={at}" for call, at in map(str.split, CHAINS[number])
            ]
            return await aggregate_dies(scratch / str(number), deaths, planted)

    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(run(number)) for number in range(len(CHAINS))]

    assert [it.result() for it in runs] == [[] for _ in CHAINS]
    print(f"SIGKILL x system call: {sum(map(len, CHAINS))} points")  # noqa: T201 - the count matrix
