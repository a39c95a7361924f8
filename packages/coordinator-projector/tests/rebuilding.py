"""A world with a read model that is rebuilt while orders flow."""

import asyncio
from contextlib import suppress
from typing import Any, Self

import grpc
import pytest

from angzarr.rebuild_pb2 import (
    BeginRebuildRequest,
    RebuildComparison,
    RebuildRequest,
    RebuildState,
    RebuildStatus,
)
from angzarr.rebuild_pb2_grpc import ProjectorRebuildStub

from .model import ModelLogic
from .world import PROJECTOR, World

ROOTS = [bytes([number]) * 16 for number in range(1, 4)]
REBUILDING = RebuildState.REBUILD_STATE_REBUILDING
FAILED = grpc.StatusCode.FAILED_PRECONDITION
NONE = RebuildState.REBUILD_STATE_UNSPECIFIED


class Rebuilding:
    """Orders, an operator, and a reader who looks all the time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = ModelLogic()
        world.projector = self.model
        self.ordered = 0
        self.older: list[str] = []
        self._flows = True
        self._goal = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin with some orders, a reader, and more orders."""
        await self.world.start()
        await self.order(9)
        await self.world.until_done(9)
        start = self.world.system.tasks.start
        works = {"reader": self._read(), "orders": self._flow(), "reviver": self._revive()}
        self._tasks = [start(name, work) for name, work in works.items()]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Order and read no more."""
        self._flows = False
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def order(self, count: int) -> None:
        """Record events, in turn of each root."""
        for _ in range(count):
            root, sequence = ROOTS[self.ordered % 3], self.ordered // 3
            await self.world.order(f"{self.ordered}", root=root, sequence=sequence)
            self.ordered += 1

    async def settled(self) -> None:
        """Order no more and wait until the read model shows everything."""
        self._flows = False
        await asyncio.wait([self._tasks[1]])
        await self.world.until(lambda: sum(map(len, self.model.live.values())) >= self.ordered)

    async def begin(self, **asked: Any) -> RebuildStatus:
        """Begin a rebuild."""
        request = BeginRebuildRequest(component=PROJECTOR, **asked)
        status: RebuildStatus = await self._stub.Begin(request, timeout=5)
        return status

    async def ask(self, verb: str, *, seconds: float = 8) -> RebuildStatus:
        """Ask for something else about it."""
        request = RebuildRequest(component=PROJECTOR)
        status: RebuildStatus = await getattr(self._stub, verb)(request, timeout=seconds)
        return status

    async def stuck(self) -> RebuildStatus:
        """Ask for a switch that does not end; return how far it has come."""
        with suppress(grpc.aio.AioRpcError):
            await self.ask("Switch", seconds=1)
        return await self.ask("Get")

    async def compare(self) -> RebuildComparison:
        """Compare both versions."""
        request = RebuildRequest(component=PROJECTOR)
        found: RebuildComparison = await self._stub.Compare(request, timeout=20)
        return found

    async def near(self) -> None:
        """Wait until the version beside has seen as much as the live one had by now."""
        self._goal = 0
        await self.world.until(self._is_near)

    async def restarted(self) -> None:
        """Kill the coordinator and start another one."""
        await self.world.kill("projector")
        self.world.ledger.dead.clear()
        await self.world.start_projector()

    async def again(self, verb: str) -> None:
        """Ask until somebody answers; who dies meanwhile is started again."""
        async with asyncio.timeout(20):
            await self._ask_again(verb)

    @property
    def once(self) -> list[tuple[bytes, int]]:
        """Return the effects of everything that was ordered, each once, in order."""
        return sorted((ROOTS[it % 3], it // 3) for it in range(self.ordered))

    async def _ask_again(self, verb: str) -> None:
        while True:
            try:
                status = await (self.begin() if verb == "Begin" else self.ask(verb, seconds=2))
            except grpc.aio.AioRpcError as error:
                if verb == "Switch" and "is not being rebuilt" in str(error.details()):
                    return
                await self._pause(1)
            else:
                if verb == "Begin" or status.state == NONE:
                    return

    async def _revive(self) -> None:
        while True:
            await self.world.ledger.dead.wait()
            await self.restarted()

    async def _is_near(self) -> bool:
        try:
            status = await self.ask("Get")
        except grpc.aio.AioRpcError:
            return False
        self._goal = self._goal or status.total
        return status.state == NONE or 0 < self._goal <= status.done

    async def _flow(self) -> None:
        while self._flows:
            await self.order(1)
            await self._pause(2)

    async def _read(self) -> None:
        """Look at every root all the time: what is shown once is shown for ever."""
        seen = dict.fromkeys(ROOTS, 0)
        while True:
            for root in ROOTS:
                found = len(self.model.live[root])
                if found < seen[root]:
                    self.older.append(f"{root.hex()} went from {seen[root]} to {found}")
                seen[root] = found
            await self._pause(0.2)

    async def _pause(self, seconds: float) -> None:
        await self.world.system.clock.sleep(seconds)

    @property
    def _stub(self) -> Any:
        return ProjectorRebuildStub(self.world.channel("projector"))


async def refusal(work: Any) -> tuple[grpc.StatusCode, str]:
    """Return code and text of a refusal."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await work
    return caught.value.code(), str(caught.value.details())
