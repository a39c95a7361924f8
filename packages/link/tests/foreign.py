"""Logic that knows the reference protocol only, with whatever a test puts in the link's place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from angzarr.link_pb2 import LinkCalls, LinkHello, LinkReplies
from angzarr.types_pb2 import ContextualCommand

from .world import echo

Link = Callable[["Foreign", AsyncIterator[bytes]], AsyncIterator[bytes]]
HELLO = LinkReplies(hello=LinkHello(protocol=1)).SerializeToString()


async def silent(_: "Foreign", frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Take everything and say nothing."""
    async for _frame in frames:
        await asyncio.sleep(0)  # noqa: TID251 - one step of the loop
    yield b""


async def mute(_: "Foreign", frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Begin with something else than a hello."""
    yield LinkReplies(pong=1).SerializeToString()
    async for _frame in frames:
        await asyncio.sleep(0)  # noqa: TID251 - one step of the loop


async def greeted(foreign: "Foreign", frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Say hello, then nothing more."""
    yield HELLO
    async for data in frames:
        foreign.pings += LinkCalls.FromString(data).ping > 0


class Foreign:
    """A plain gRPC server of angzarr.Aggregate; counts the streams that were opened."""

    def __init__(self, address: str, link: Link | None) -> None:
        self._address = address
        self._link = link
        self.opened = self.pings = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Foreign"]:
        """Serve while the body runs."""
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        handle: Any = grpc.unary_unary_rpc_method_handler(self._handle)
        services = {"angzarr.Aggregate": {"Handle": handle}}
        if self._link is not None:
            opened: Any = grpc.stream_stream_rpc_method_handler(self._open)
            services["angzarr.LogicLink"] = {"Open": opened}
        for name, methods in services.items():
            generic = grpc.method_handlers_generic_handler(name, methods)
            server.add_generic_rpc_handlers((generic,))
        server.add_insecure_port(self._address)
        await server.start()
        try:
            yield self
        finally:
            await server.stop(None)

    async def _handle(self, data: bytes, _: Any) -> bytes:
        return echo(ContextualCommand.FromString(data)).SerializeToString()

    async def _open(self, frames: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
        self.opened += 1
        assert self._link is not None
        async for frame in self._link(self, frames):
            yield frame
