"""S5: system calls of a real coordinator that fail, and a process without descriptors.

Not among them: a failed sync of the store's directory, the second of a start: SQLite ignores it.
"""

import asyncio
import resource
from collections.abc import Sequence
from pathlib import Path

import grpc
import pytest

from .checks import log_faults
from .process import until
from .single import FAST, NOWHERE, Clients, command, ended, handle, logic
from .tracing import Traced

CLIENTS = 3
ENDED = frozenset({70, 74, 78})  # 74 once it serves; before, what the store said of its start
FATAL = (
    *(f"fdatasync:error={error}:when={at}" for error in ("EIO", "EINTR") for at in (1, 3, 4, 7)),
    *(f"pwrite64:error=EIO:when={at}" for at in (1, 2, 3, 5, 9, 17, 33)),
)
MADE = tuple(f"openat:error=EMFILE:when={at}" for at in range(1, 5))
OPENED = tuple(f"openat:error=EMFILE:when={at}" for at in range(1, 6))
SURVIVED = (
    "pwrite64:error=EINTR:when=3+5",
    "pwrite64:error=ENOSPC:when=45+97",
    "openat:error=EINTR:when=1+2",
)
ENOUGH = 10
BESIDE = 3

pytestmark = pytest.mark.timeout(600)


class Trial:
    """A coordinator in a directory of its own, and clients that remember what they were told."""

    def __init__(self, directory: Path, planted: str) -> None:
        self.order = Traced(directory, "aggregate", "order", bus="channel", planted=planted)
        self.clients = Clients(self.order.address)

    async def fail(self, faults: Sequence[str], codes: frozenset[int]) -> list[str]:
        """Let each fault end the process with one of the codes; return what is wrong afterwards."""
        async with logic("aggregate", self.order.logic):
            try:
                async with self.clients.working(CLIENTS):
                    for fault in faults:
                        await self.order.use(fault).start()
                        code = await ended(self.order, fault)
                        assert code in codes, f"{fault}: {code} {self.order.output}"
                    await self.order.use(NOWHERE).start()
            finally:
                await self.order.end()
        return log_faults(self.order.database, self.clients.positions)

    async def bear(self, fault: str) -> list[str]:
        """Let a fault come again and again under a process that goes on; return what is wrong."""
        begun = await self.fail((), frozenset())
        async with logic("aggregate", self.order.logic):
            try:
                await self.order.use(fault).start()
                async with self.clients.working(CLIENTS):
                    await until(self._is_enough)
            finally:
                await self.order.end()
        return begun + log_faults(self.order.database, self.clients.positions)

    async def _is_enough(self) -> bool:
        assert self.order.is_running, self.order.output
        return len(self.clients.positions) >= ENOUGH * CLIENTS


async def test_a_call_that_failed_ends_the_process(scratch: Path, planted: str) -> None:
    """No sync and no write is tried again under a promise; the next start finds all of it."""

    async def run(number: int) -> list[str]:
        trial = Trial(scratch / str(number), planted)
        begun = await trial.fail((), frozenset())
        return begun + await trial.fail(FATAL[number::BESIDE], ENDED)

    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(run(number)) for number in range(BESIDE)]

    assert [it.result() for it in runs] == [[]] * BESIDE
    _tell("EIO, EINTR", len(FATAL))


async def test_a_start_without_descriptors_is_refused(scratch: Path, planted: str) -> None:
    """EMFILE at each file of a store that is made, or opened, leaves all for the next start."""
    trial = Trial(scratch / "0", planted)
    found = [await trial.fail(faults, ENDED) for faults in (MADE, OPENED)]

    assert found == [[], []]
    _tell("EMFILE", len(MADE) + len(OPENED))


async def test_what_passes_is_borne(scratch: Path, planted: str) -> None:
    """Interrupted calls are called again, a full disk refuses commands until there is room."""
    async with asyncio.TaskGroup() as group:
        trials = [Trial(scratch / str(at), planted) for at in range(len(SURVIVED))]
        runs = [
            group.create_task(it.bear(fault)) for it, fault in zip(trials, SURVIVED, strict=True)
        ]

    assert [it.result() for it in runs] == [[] for _ in SURVIVED]
    _tell("EINTR, ENOSPC", len(SURVIVED))


async def test_without_descriptors_only_new_callers_are_refused(
    scratch: Path, planted: str
) -> None:
    """Who is connected goes on, new connections wait, and all is well when there are some again."""
    trial = Trial(scratch / "0", planted)
    order = trial.order
    async with logic("aggregate", order.logic):
        await order.use(NOWHERE).start()
        async with grpc.aio.insecure_channel(order.address, options=FAST) as channel:
            call = handle(channel)
            told = [(await call(command("order", 1, 0), timeout=20, wait_for_ready=True)).position]
            usual = resource.prlimit(order.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(order.pid, resource.RLIMIT_NOFILE, (1, usual[1]))
            told += [(await call(command("order", 1, at), timeout=20)).position for at in (1, 2)]
            async with grpc.aio.insecure_channel(order.address, options=FAST) as fresh:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await handle(fresh)(command("order", 2, 0), timeout=2)
                resource.prlimit(order.pid, resource.RLIMIT_NOFILE, usual)
                later = await handle(fresh)(command("order", 2, 0), timeout=20, wait_for_ready=True)
        is_running = order.is_running
        await order.end()

    assert (told, later.position, is_running) == ([1, 2, 3], 4, True)
    assert caught.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
    positions = {"c-1-0": 1, "c-1-1": 2, "c-1-2": 3, "c-2-0": 4}
    assert log_faults(order.database, positions) == []
    _tell("RLIMIT_NOFILE", 1)


def _tell(what: str, count: int) -> None:
    print(f"I/O errors x coordinator: {what}: {count} points")  # noqa: T201 - the count matrix
