"""Two replicas of a component that do what a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from angzarr import rpc
from angzarr.types_pb2 import CommandBook, CommandResponse, EventBook, Query
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System, SystemClock
from angzarr_replicas import Replicas
from angzarr_service import (
    Call,
    CallError,
    CallLimits,
    Channels,
    RequestError,
    Server,
    ServerConfig,
)
from angzarr_settings import LimitSettings

LIMITS = CallLimits(message_bytes=100_000, longest_seconds=9, usual_seconds=9, load=LimitSettings())


class Hands(SystemClock):
    """A clock that a test can set ahead."""

    ahead = 0.0

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class Replica:
    """Counts what it is asked, and answers `fault` if there is one."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked = 0
        self.fault: RequestError | None = None
        self.is_cut = False

    async def Handle(self, _book: CommandBook, _call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Take a command."""
        return CommandResponse(position=self._count())

    async def GetEventBook(self, _query: Query, _call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Answer a question."""
        return EventBook(next_sequence=self._count())

    async def GetEvents(self, _query: Query, _call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Answer at length, or be cut off behind the first book."""
        yield EventBook(next_sequence=self._count())
        if self.is_cut:
            raise RequestError("NOT_READY", "Not ready: stopping", outcome="not_applied")

    def _count(self) -> int:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return self.asked


class World:
    """The replicas in the order in which the root of every call prefers them."""

    def __init__(self, directory: Path, system: System) -> None:
        self.system = system
        self.clock = Hands()
        self.made = [Replica(f"unix:{directory}/{name}.sock") for name in "ab"]
        addresses = tuple(it.address for it in self.made)
        self.component = Component(
            name="order", kind="aggregate", domain="order", addresses=addresses
        )
        self.servers: dict[str, Server] = {}
        self.channels = Channels()

    async def start(self) -> None:
        """Let both listen."""
        discovery = await StaticDiscovery.open((self.component,), self.system)
        self.replicas = Replicas(discovery, self.channels, self.clock)
        ranked = self.replicas.ranked(self.component, b"")
        self.first, self.second = sorted(self.made, key=lambda it: ranked.index(it.address))
        for it in self.made:
            await self.listen(it)

    async def listen(self, replica: Replica) -> None:
        """Let one listen."""
        config = ServerConfig(address=replica.address, limits=LIMITS)
        self.servers[replica.address] = server = Server(config, self.system)
        server.add("angzarr.AggregateCoordinator", replica)
        server.add("angzarr.EventQuery", replica)
        await server.start()

    async def stop(self, replica: Replica) -> None:
        """Let one be gone."""
        await self.servers.pop(replica.address).aclose(drain_seconds=0)

    async def reach(self, replica: Replica) -> None:
        """Return once the channel to one is open again; it forgets that it was asked."""
        method, request = rpc.EventQuery.GetEventBook, Query()
        async with asyncio.timeout(10):
            while not replica.asked:
                with suppress(CallError):
                    await self.channels.call(replica.address, method, request, timeout_seconds=5)
        replica.asked = 0

    async def command(self) -> Any:
        """Send a command."""
        method, request = rpc.AggregateCoordinator.Handle, CommandBook()
        return await self.replicas.call(self.component, method, request, timeout_seconds=5)

    async def question(self) -> Any:
        """Ask."""
        method, request = rpc.EventQuery.GetEventBook, Query()
        return await self.replicas.call(self.component, method, request, timeout_seconds=5)

    async def questions(self) -> list[int]:
        """Ask for much."""
        method, request = rpc.EventQuery.GetEvents, Query()
        books = self.replicas.stream(self.component, method, request, timeout_seconds=5)
        return [it.next_sequence async for it in books]

    @property
    def asked(self) -> tuple[int, int]:
        """Return how often each was asked."""
        return self.first.asked, self.second.asked


@pytest.fixture
async def world(run_directory: Path, system: System) -> AsyncIterator[World]:
    """Return both at work."""
    made = World(run_directory, system)
    await made.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(made.channels.aclose)
        yield made
        for it in [it for it in made.made if it.address in made.servers]:
            await made.stop(it)
