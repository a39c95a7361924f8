"""The application that is attacked, and servers of ours with a service of the tests."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs

from angzarr.types_pb2 import AggregateRoot, EventBook, Query, RpcStatus
from angzarr_ports import System
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings

from .application import SHOP, Application, application

USUAL_SECONDS = 20.0


@pytest.fixture(scope="session")
def shop() -> Iterator[Application]:
    """Run the example shop for all tests."""
    with application(SHOP.read_text(encoding="utf-8")) as made:
        made.start()
        yield made


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


class Queries:
    """angzarr.EventQuery; `act` answers GetEventBook, `roots` GetAggregateRoots."""

    def __init__(self) -> None:
        self.calls = 0
        self.act: Callable[[Query], Awaitable[EventBook]] = self._nothing
        self.roots: Callable[[Call], AsyncIterator[AggregateRoot]] = self._none

    async def GetEventBook(self, query: Query, _call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Do what the test says."""
        self.calls += 1
        return await self.act(query)

    async def GetAggregateRoots(self, _: Empty, call: Call) -> AsyncIterator[AggregateRoot]:  # noqa: N802 - the name on the wire
        """Yield what the test says."""
        async for root in self.roots(call):
            yield root

    async def _nothing(self, _: Query) -> EventBook:
        return EventBook()

    async def _none(self, _: Call) -> AsyncIterator[AggregateRoot]:
        for domain in tuple[str, ...]():
            yield AggregateRoot(domain=domain)


class World:
    """A server, the service behind it, and a plain channel to it."""

    def __init__(self, queries: Queries, address: str) -> None:
        self.queries = queries
        self.address = address
        self.channel: Any = self.another()

    def another(self) -> Any:
        """Return a channel with a connection of its own."""
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_send_message_length", 1 << 30),
            ("grpc.max_metadata_size", 1 << 20),
        ]
        return grpc.aio.insecure_channel(self.address, options=options)

    def roots(self) -> Any:
        """Call GetAggregateRoots."""
        return self.channel.unary_stream("/angzarr.EventQuery/GetAggregateRoots")(b"")

    def ask(self, data: bytes = b"", channel: Any = None, **options: Any) -> Any:
        """Call GetEventBook with raw bytes."""
        path = "/angzarr.EventQuery/GetEventBook"
        return (channel or self.channel).unary_unary(path)(data, timeout=15, **options)


Serve = Callable[..., Any]


@pytest.fixture
async def serve(system: System) -> Serve:
    """Return what serves at an address with limits other than usual."""

    @asynccontextmanager
    async def serving(
        address: str = "127.0.0.1:0", seconds: float = USUAL_SECONDS, **limits: Any
    ) -> AsyncIterator[World]:
        bounds = CallLimits(
            message_bytes=4 << 20,
            longest_seconds=seconds,
            usual_seconds=seconds,
            load=LimitSettings(**limits),
        )
        config = ServerConfig(address=address, limits=bounds, same_user=True)
        server, queries = Server(config, system), Queries()
        server.add("angzarr.EventQuery", queries)
        async with server.serving(drain_seconds=0) as bound:
            await server.ready(serving=True)
            world = World(queries, bound)
            yield world
            await world.channel.close()

    return serving


async def refusal(call: Any) -> tuple[str, str, str]:
    """Return code, text and reason of a failing call."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    trailers, info = dict(caught.value.trailing_metadata() or ()), ErrorInfo()
    if "grpc-status-details-bin" in trailers:
        RpcStatus.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(info)
    return caught.value.code().name, str(caught.value.details()), str(info.reason)
