"""A server of ours with a service whose methods do what a test says."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from angzarr.types_pb2 import AggregateRoot, EventBook, Query
from angzarr_ports import System
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings

LIMITS = CallLimits(message_bytes=1000, longest_seconds=9, usual_seconds=0.5, load=LimitSettings())


class Queries:
    """angzarr.EventQuery; `act` answers GetEventBook, the roots never end."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ended = asyncio.Event()
        self.act: Callable[[Query], Awaitable[EventBook]] = self._nothing

    async def GetEventBook(self, query: Query, call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        self.calls.append(call)
        return await self.act(query)

    async def GetEvents(self, _: Query, call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Begin, then end with a trailer when the test says so."""
        await call.begin()
        await self.ended.wait()
        call.end("x-end", "idle")
        for book in list[EventBook]():
            yield book

    async def GetAggregateRoots(self, _: Empty, __: Call) -> AsyncIterator[AggregateRoot]:  # noqa: N802 - the name on the wire
        """Yield one root, then wait for ever."""
        yield AggregateRoot(domain="order")
        await asyncio.Event().wait()

    async def _nothing(self, _: Query) -> EventBook:
        return EventBook()


class World:
    """The server, the service behind it, and a plain channel to it."""

    def __init__(self, server: Server, queries: Queries, channel: grpc.aio.Channel) -> None:
        self.server = server
        self.address = ""
        self.queries = queries
        self.channel = channel

    async def ask(self, data: bytes = b"", **options: Any) -> Any:
        """Call GetEventBook with raw bytes."""
        return await self.channel.unary_unary("/angzarr.EventQuery/GetEventBook")(data, **options)


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


@pytest.fixture
async def world(place: Path, system: System) -> AsyncIterator[World]:
    """Serve on a socket."""
    config = ServerConfig(address=f"unix:{place}/s.sock", limits=LIMITS, reflection=True)
    server, queries = Server(config, system), Queries()
    server.add("angzarr.EventQuery", queries)
    async with server.serving(drain_seconds=0) as address:
        await server.ready(serving=True)
        async with grpc.aio.insecure_channel(address) as channel:
            made = World(server, queries, channel)
            made.address = address
            yield made
