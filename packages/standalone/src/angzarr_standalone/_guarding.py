"""The guard of a run: a process that ends all others when the supervisor is gone."""

import asyncio
import subprocess
import sys
from pathlib import Path

from angzarr_ports import System

SCRIPT = Path(__file__).with_name("_guard.py")


class Guard:
    """Keeps one guard running; `mark` is what every process of the run has in its environment."""

    def __init__(self, mark: str, system: System) -> None:
        self._mark = mark
        self._system = system
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._leaders: list[int] = []

    async def start(self) -> None:
        """Start the guard, and another one whenever it dies."""
        self._process = await self._spawn()
        self._watching = self._system.tasks.start("guard", self._keep(self._process))

    def know(self, pid: int) -> None:
        """Note a process that was started; it leads a session."""
        self._leaders.append(pid)
        self._tell(pid)

    async def aclose(self) -> None:
        """Let the guard kill what is left, and wait until it has ended."""
        if self._watching is not None:
            self._watching.cancel()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        while True:
            await process.wait()
            self._process = process = await self._spawn()
            self._tell(*self._leaders)

    def _tell(self, *leaders: int) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.writelines(f"{pid}\n".encode() for pid in leaders)

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-IS",
            str(SCRIPT),
            self._mark,
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={},
        )
