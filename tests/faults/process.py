"""One coordinator as a process, started as its supervisor would, or with a bug planted."""

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from signal import SIGCONT, SIGKILL, Signals
from typing import Any

from .planting import program

PATIENCE_SECONDS = 120.0

STARTED: list["Process"] = []


class Process:
    """The console script of one kind, with its database and sockets in a directory."""

    def __init__(self, directory: Path, kind: str, name: str, *flags: str) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.directory = directory
        self.name = name
        self.socket = directory / f"{name}.sock"
        self.address = f"unix:{self.socket}"
        self.logic = directory / f"logic-{name}.sock"
        self.database = directory / "store" / f"{name}.db"
        self.program: Sequence[str] = program(f"angzarr-{kind}")
        self.lines: list[str] = []
        self._flags = flags
        self._running: asyncio.subprocess.Process | None = None

    @property
    def arguments(self) -> list[str]:
        """Return what the process is told."""
        return [
            f"--listen={self.address}",
            f"--component.name={self.name}",
            f"--component.logic=unix:{self.logic}",
            f"--store.url={self.directory / 'store'}",
            "--store.durability=volatile",
            f"--bus.url={self.directory}",
            "--delivery.poll_seconds=0.2",
            "--shutdown.drain_seconds=5",
            *self._flags,
        ]

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        assert self._running is not None
        return self._running.pid

    @property
    def is_running(self) -> bool:
        """Say whether it has not ended."""
        return self._running is not None and self._running.returncode is None

    async def start(self) -> "Process":
        """Start the process; return itself."""
        self._running = await asyncio.create_subprocess_exec(
            *self.program,
            *self.arguments,
            env={"PATH": os.defpath},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reading = asyncio.ensure_future(self._read(self._running))
        STARTED.append(self)
        return self

    def signal(self, number: Signals) -> None:
        """Send a signal."""
        if self._running is not None and self._running.returncode is None:
            self._running.send_signal(number)

    async def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Return the exit code."""
        assert self._running is not None
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._reading)
            return await self._running.wait()

    async def end(self, number: Signals = SIGKILL) -> int:
        """Send a signal and return the exit code."""
        self.signal(number)
        return await self.ended()

    @property
    def output(self) -> str:
        """Return everything that the process printed."""
        return "\n".join(self.lines)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())


def endpoints(domains: Mapping[str, str]) -> str:
    """Return the flag that tells where the aggregates of domains are."""
    found: list[dict[str, Any]] = [
        {"name": domain, "kind": "aggregate", "domain": domain, "address": address}
        for domain, address in domains.items()
    ]
    return f"--discovery.endpoints={json.dumps(found)}"


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait for a condition of other processes."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110 - files and processes send no event
            await asyncio.sleep(0.05)


async def end_all() -> None:
    """End what a test has left running."""
    while STARTED:
        process = STARTED.pop()
        if process.is_running:
            process.signal(SIGCONT)
            await process.end()
