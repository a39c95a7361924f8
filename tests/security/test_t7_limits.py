"""T7: every limit below itself, at itself and above; a flood harms nobody but its sender."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.types_pb2 import AggregateRoot, EventBook, Query
from angzarr_service import Call

from . import h2
from .conftest import refusal

LIMIT_BYTES = 4 << 20
OVERLOADED = ("RESOURCE_EXHAUSTED", "Too many requests in flight", "OVERLOADED")
UNKNOWN_NUMBER = b"\x78\x01"


def unknown_field(size: int) -> bytes:
    """Return a message of one field that nobody knows, `size` bytes long."""
    length, encoded = size - 5, bytearray()
    for _ in range(3):
        encoded.append(length & 127 | 128)
        length >>= 7
    return b"\x7a" + bytes(encoded) + bytes([length]) + b"x" * (size - 5)


async def test_calls_in_flight_are_bounded(serve: Any) -> None:
    """Two run, the third is told when to come again; health answers all the while."""
    entered, released = asyncio.Semaphore(0), asyncio.Event()

    async def hold(_: Query) -> EventBook:
        entered.release()
        await released.wait()
        return EventBook()

    async with serve(calls=2) as world:
        world.queries.act = hold
        running = [asyncio.ensure_future(world.ask()) for _ in range(2)]
        for _ in running:
            await entered.acquire()

        assert await refusal(world.ask()) == OVERLOADED
        stub: Any = health_pb2_grpc.HealthStub(world.channel)
        await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
        released.set()
        await asyncio.wait(running)
        assert [it.exception() for it in running] == [None, None]
        await world.ask()


async def test_a_flood_of_one_caller_leaves_the_other_alone(serve: Any) -> None:
    """Ten times its share is refused to the one, nothing to the other."""
    share = 50
    async with serve(calls_per_second=share) as world:
        flood = [asyncio.ensure_future(world.ask()) for _ in range(10 * share)]
        other = world.another()
        for _ in range(share // 2):
            await world.ask(channel=other)
        await asyncio.wait(flood)
        await other.close()

        errors = [it.exception() for it in flood]
        refused = [it for it in errors if isinstance(it, grpc.aio.AioRpcError)]
        assert {it.code() for it in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert share <= errors.count(None) < len(flood)


async def test_connections_are_bounded(serve: Any) -> None:
    """Two are served, a third is closed, and served once there is room."""
    async with serve(connections=2) as world:
        second, third = world.another(), world.another()
        await world.ask()
        await world.ask(channel=second)
        assert (await refusal(world.ask(channel=third)))[0] == "UNAVAILABLE"
        await second.close()

        await world.ask(channel=third, wait_for_ready=True)
        await third.close()


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_a_message_has_a_size(serve: Any, more: int) -> None:
    """4 MiB are taken, one byte above is refused with both numbers."""
    async with serve() as world:
        call = world.ask(unknown_field(LIMIT_BYTES + more))
        if more <= 0:
            await call
            return

        text = f"Query of {LIMIT_BYTES + 1} bytes exceeds the limit of {LIMIT_BYTES} bytes"
        assert await refusal(call) == ("RESOURCE_EXHAUSTED", text, "MESSAGE_TOO_LARGE")
        assert world.queries.calls == 0


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_a_large_message_has_few_parts(serve: Any, more: int) -> None:
    """Their number is known before any of them is made."""
    async with serve(message_parts=50_000) as world:
        call = world.ask(UNKNOWN_NUMBER * (50_000 + more))
        if more <= 0:
            await call
            return

        assert (await refusal(call))[0] == "INVALID_ARGUMENT"
        assert world.queries.calls == 0


@pytest.mark.parametrize(("size", "good"), [(7_000, True), (8_192, False), (65_536, False)])
async def test_metadata_have_a_size(serve: Any, size: int, *, good: bool) -> None:
    """8 KiB for all of them together."""
    async with serve() as world:
        call = world.ask(metadata=(("x-note", "n" * size),))
        if good:
            await call
            return

        assert (await refusal(call))[0] == "RESOURCE_EXHAUSTED"
        assert world.queries.calls == 0


async def test_a_stream_without_a_deadline_gets_one(serve: Any) -> None:
    """Nothing is yielded for longer than usual."""

    async def never(_: Call) -> AsyncIterator[AggregateRoot]:
        await asyncio.Event().wait()
        yield AggregateRoot()

    async with serve(seconds=0.2) as world:
        world.queries.roots = never

        code, _, reason = await refusal(world.roots().read())
        assert (code, reason) == ("DEADLINE_EXCEEDED", "DEADLINE")


async def test_an_open_stream_ends_at_an_age(serve: Any) -> None:
    """It has no deadline, and says how to go on."""

    async def open_ended(call: Call) -> AsyncIterator[AggregateRoot]:
        call.stay_open()
        yield AggregateRoot()
        await asyncio.Event().wait()

    async with serve(seconds=0.1, stream_seconds=0.5) as world:
        world.queries.roots = open_ended
        stream = world.roots()
        await stream.read()

        found = await refusal(stream.read())
        text = "Stream closed; resume with after_position"
        assert found == ("UNAVAILABLE", text, "STREAM_CLOSED")


async def test_a_reader_that_never_reads_is_dropped(serve: Any) -> None:
    """What is made for it ends, and so does what is kept for it."""
    made, ended = 0, asyncio.Event()

    async def endless(call: Call) -> AsyncIterator[AggregateRoot]:
        nonlocal made
        call.stay_open()
        try:
            while True:
                made += 1
                yield AggregateRoot(domain="x" * (256 << 10))
        finally:
            ended.set()

    async with serve(stalled_seconds=0.3) as world:
        world.queries.roots = endless
        host, _, port = world.address.rpartition(":")
        connection = await asyncio.to_thread(h2.connected, host, port)
        call = h2.unary("/angzarr.EventQuery/GetAggregateRoots", b"")
        await asyncio.to_thread(connection.sendall, call)
        async with asyncio.timeout(10):
            await ended.wait()

        assert made < 64
        await world.ask()
        connection.close()
