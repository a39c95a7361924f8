"""S4: a supervisor that dies at each of its points; its next start finds nothing in its way."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import grpc
import pytest

from angzarr.gateway_pb2_grpc import CommandGatewayStub

from .checks import log_faults
from .single import KILLED, SCRIPT, Clients
from .system import System

CLIENTS, COMMANDS = 3, 3
DRAINED = 0

pytestmark = pytest.mark.timeout(600)


def execute(channel: grpc.aio.Channel) -> object:
    """Return the call that gives a command to the gateway."""
    return CommandGatewayStub(channel).Execute


class Deaths:
    """A project whose supervisor dies again and again, each time on what the last one left."""

    def __init__(self, scratch: Path, planted: str) -> None:
        self.system = System(scratch)
        self.clients = Clients(self.system.gateway, call=execute)
        self._planted = planted
        self._whole = self.system.program

    def use(self, faults: str) -> System:
        """Let the next supervisor have these faults, or none."""
        dying = (sys.executable, SCRIPT, "supervisor", faults, self._planted)
        self.system.program = dying if faults else self._whole
        return self.system

    async def work(self) -> None:
        """Store something that must outlive every death."""
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for number in range(1, CLIENTS + 1):
                group.create_task(self.clients.run(number, COMMANDS))

    async def check(self, point: str) -> None:
        """The supervisor is dead by its point, and so is everything that it has started."""
        assert await self.system.ended() == KILLED, f"{point} was not reached"
        await self.system.until(lambda: not self._left(), f"alone after {point}")

    def _left(self) -> list[str]:
        return [it for it in self.system.left() if not it.startswith("file ")]


async def test_a_supervisor_dies_at_every_point(scratch: Path, planted: str) -> None:
    """No process, socket or lock outlives it; the next start finds everything acknowledged."""
    deaths = Deaths(scratch, planted)
    system = deaths.system
    try:
        await deaths.use("kill:V1:3").spawn()
        await deaths.check("V1")
        await deaths.use("kill:V2:6").spawn()
        await deaths.check("V2")
        await deaths.use("kill:V4:1").start()
        await deaths.work()
        os.kill(system.processes()["order"].pid, signal.SIGKILL)
        await deaths.check("V4")
        await deaths.use("kill:V3:2").start()
        await deaths.work()
        system.send(signal.SIGTERM)
        await deaths.check("V3")
        await deaths.use("").start()
        async with deaths.clients.working(CLIENTS):
            system.send(signal.SIGKILL)
            await deaths.check("V5")
            await system.start()
        code, left = await system.stop(), list(system.left())
    finally:
        await system.aclose()

    assert (code, left) == (DRAINED, [])
    assert log_faults(system.store / "order.db", deaths.clients.positions) == []
    print("SIGKILL x supervisor: V1 1, V2 1, V3 1, V4 1, V5 1")  # noqa: T201 - the count matrix
