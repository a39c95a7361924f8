"""Runs the processes of a system as tasks of one loop, stage by stage."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from angzarr_ports import System, Threads
from angzarr_service import Channels, PeerHealth, UnhealthyError

LOOK_SECONDS = 0.005
START_SECONDS = 10.0
STOP_SECONDS = 10.0

Work = Callable[[asyncio.Event], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What would be a process: `work` serves at `address` until the event is set."""

    name: str
    address: str
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Starts processes and knows when they are ready."""

    system: System
    channels: Channels

    @asynccontextmanager
    async def stage(self, processes: Sequence[Process]) -> AsyncIterator[None]:
        """Run processes beside the body, which begins when all of them are ready.

        Raises:
            TimeoutError: one of them is not ready, or does not end, in ten seconds.
        """
        stop = asyncio.Event()
        tasks = [self.system.tasks.start(it.name, it.work(stop)) for it in processes]
        try:
            for process in processes:
                await self._until_ready(process)
            yield
        finally:
            stop.set()
            async with asyncio.timeout(STOP_SECONDS):
                for task in tasks:
                    await asyncio.wait([task])

    async def _until_ready(self, process: Process) -> None:
        health = PeerHealth(process.address, self.channels)
        async with asyncio.timeout(START_SECONDS):
            while True:
                with suppress(UnhealthyError):
                    return await health.check("grpc")
                await self.system.clock.sleep(LOOK_SECONDS)


@asynccontextmanager
async def private_directory(threads: Threads) -> AsyncIterator[Path]:
    """Make a directory that only this user may enter, and remove it at the end."""
    worker = threads.worker("directory")
    path = await worker.call(partial(tempfile.mkdtemp, prefix="ang-"))
    try:
        yield Path(path)
    finally:
        await worker.call(partial(shutil.rmtree, path))
        await worker.aclose()
