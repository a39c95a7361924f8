"""Channels to peers that go away and come back."""

from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr.feed_pb2 import FeedRequest
from angzarr.types_pb2 import EventBook, Query
from angzarr_service import CallError, Channels, Fault


async def serve(address: str) -> tuple[grpc.aio.Server, str]:
    """Serve GetEventBook at an address; return it with the port chosen."""

    async def answer(_data: bytes, _context: Any) -> bytes:
        return EventBook(next_sequence=7).SerializeToString()

    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    method = {"GetEventBook": grpc.unary_unary_rpc_method_handler(answer)}
    generic = grpc.method_handlers_generic_handler("angzarr.EventQuery", method)
    server.add_generic_rpc_handlers((generic,))
    port = server.add_insecure_port(address)
    await server.start()
    return server, address if address.startswith("unix:") else f"127.0.0.1:{port}"


async def ask(channels: Channels, address: str) -> Any:
    """Call it."""
    query = rpc.EventQuery.GetEventBook
    return await channels.call(address, query, Query(), timeout_seconds=5)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
async def test_n44_a_dead_channel_is_replaced(kind: str, place: Any) -> None:
    """Calls to a peer that is gone fail at once; after the third the next one connects anew."""
    server, address = await serve(f"unix:{place}/p.sock" if kind == "unix" else "127.0.0.1:0")
    channels = Channels()
    await ask(channels, address)
    before = channels._open[address]  # noqa: SLF001 - whether it is another one
    await server.stop(None)
    faults = []
    for _ in range(3):
        with pytest.raises(CallError) as caught:
            await ask(channels, address)
        faults.append(caught.value.fault)
    server, _ = await serve(address)
    book = await ask(channels, address)
    after = channels._open[address]  # noqa: SLF001 - as above
    await channels.aclose()
    await server.stop(None)

    assert faults == [Fault.SILENCE] * 3
    assert (book.next_sequence, after is before) == (7, False)


async def test_n44_a_channel_in_use_is_closed_after_its_last_call(place: Any) -> None:
    """A call that still runs on a dead channel ends by itself."""
    address = f"unix:{place}/none.sock"
    channels = Channels()
    async with channels._channel(address) as running:  # noqa: SLF001 - a call that lasts
        for _ in range(3):
            with pytest.raises(CallError):
                await ask(channels, address)
        left = running.get_state()

    assert channels._open == {}  # noqa: SLF001 - it is not used again
    assert left is not grpc.ChannelConnectivity.SHUTDOWN
    assert running.get_state() is grpc.ChannelConnectivity.SHUTDOWN


async def test_headers_are_heard_before_the_first_reply(world: Any) -> None:
    """Who waits for them knows that it is registered; a call that was refused has none."""
    channels, query = Channels(), Query()
    async with channels.opened(world.address, rpc.EventQuery.GetEvents, query) as replies:
        world.queries.ended.set()
        rest = [reply async for reply in replies]
    with pytest.raises(CallError) as caught:
        async with channels.opened(world.address, rpc.EventFeed.Read, FeedRequest()):
            pytest.fail("nobody serves it")
    async with channels.opened(world.address, rpc.EventQuery.GetAggregateRoots, Empty()) as roots:
        await anext(roots)
        await world.server.aclose(drain_seconds=10)
        with pytest.raises(CallError, match="Stream closed"):
            await anext(roots)
    await channels.aclose()

    assert (rest, caught.value.status.code) == ([], 12)


async def test_a_stream_has_headers_and_a_trailer_of_its_own(world: Any) -> None:
    """The headers come although no reply does; the trailer comes with the end."""
    call = world.channel.unary_stream("/angzarr.EventQuery/GetEvents")(b"")
    await call.initial_metadata()
    begun = not call.done()
    world.queries.ended.set()
    rest = [reply async for reply in call]

    trailers = dict(await call.trailing_metadata())
    assert (begun, rest, trailers) == (True, [], {"x-end": "idle"})
