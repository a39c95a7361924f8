"""Frames that nobody would send: no side fails, no call gets another's reply (S11)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angzarr.link_pb2 import LinkCall, LinkCalls, LinkHello, LinkReplies, LinkReply
from angzarr.types_pb2 import BusinessResponse, ContextualCommand
from angzarr_ports import System
from angzarr_service import CallError, Fault

from .foreign import HELLO, Foreign
from .world import MEBIBYTE, World, contextual, echo, number_of

OPEN = "/angzarr.LogicLink/Open"
HELLO_CALLS = LinkCalls(hello=LinkHello(protocol=1)).SerializeToString()
ONE_LOOP = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
mangled = st.sampled_from(["whole", "cut", "twice", "flipped", "noise"])
TWISTS = ["whole", "cut", "twice", "noise"]
plans = st.lists(st.tuples(mangled, st.integers(1, 9), st.integers(0, 63)), max_size=8)


def mangle(how: str, at: int, data: bytes) -> list[bytes]:
    """Return what becomes of a frame on a hostile way."""
    place = at % len(data)
    return {
        "whole": [data],
        "cut": [data[:place]],
        "twice": [data, data],
        "flipped": [data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]],
        "noise": [bytes([at]) * 33],
    }[how]


def frame(number: int) -> bytes:
    """Return a frame with one call."""
    calls = LinkCalls()
    calls.calls.add(id=number, deadline_ms=5000).handle.CopyFrom(contextual(number))
    return calls.SerializeToString()


async def answers(world: World, frames: list[bytes]) -> dict[int, LinkReply]:
    """Return what the peer answers to frames on a stream of their own, until it ends."""
    found = dict[int, LinkReply]()
    async with grpc.aio.insecure_channel(world.address) as channel:
        call = channel.stream_stream(OPEN)(iter(frames))
        with suppress(grpc.aio.AioRpcError):  # how it ends is what the peer makes of the frames
            async for data in call:
                for reply in LinkReplies.FromString(data).replies:
                    assert reply.id not in found
                    found[reply.id] = reply
    return found


@given(plan=plans)
@ONE_LOOP
async def test_the_serving_side_survives_any_frame(
    world: World, plan: list[tuple[str, int, int]]
) -> None:
    """Whatever comes, there is at most one reply per id, and the next stream works."""
    frames = [HELLO_CALLS]
    for how, number, at in plan:
        frames += mangle(how, at, frame(number))

    await answers(world, frames)
    again = await answers(world, [HELLO_CALLS, frame(1), frame(2)])

    assert {it: number_of(reply.handled) for it, reply in again.items()} == {1: 1, 2: 2}


async def test_calls_are_answered_once_and_in_rising_order(world: World) -> None:
    """A repeated id and one that is lower than the last are ignored."""
    found = await answers(world, [HELLO_CALLS, frame(3), frame(3), frame(2), frame(4)])

    assert sorted(found) == [3, 4]
    assert world.peer.seen == [3, 4]


async def test_beyond_what_may_be_unanswered_no_frame_is_read(world: World) -> None:
    """A caller that floods is slowed down; each of its calls is answered nevertheless."""
    gate = asyncio.Event()

    async def wait(request: ContextualCommand) -> BusinessResponse:
        if len(world.peer.seen) >= 250:
            gate.set()
        await gate.wait()
        return echo(request)

    world.peer.act = wait
    flood = [LinkCalls() for _ in range(4)]
    for number in range(1, 1025):
        flood[(number - 1) // 256].calls.add(id=number, deadline_ms=5000, handle={})
    found = await answers(world, [HELLO_CALLS, *(it.SerializeToString() for it in flood)])

    refused = [it for it, reply in found.items() if reply.HasField("status")]
    assert sorted(found) == [*range(1, 1025)]
    assert {found[it].status.message for it in refused} <= {"Too many requests in flight"}


@pytest.mark.parametrize(
    ("frames", "code", "text"),
    [
        ([b"\xff\xff"], "INVALID_ARGUMENT", "LinkCalls cannot be decoded"),
        (
            [LinkCalls(calls=[LinkCall(id=it + 1) for it in range(257)]).SerializeToString()],
            "INVALID_ARGUMENT",
            "LinkCalls of 257 calls exceeds the limit of 256 calls",
        ),
        (
            [bytes(4 * MEBIBYTE + 1)],
            "RESOURCE_EXHAUSTED",
            f"LinkCalls of {4 * MEBIBYTE + 1} bytes exceeds the limit of {4 * MEBIBYTE} bytes",
        ),
    ],
    ids=["undecodable", "too many calls", "oversized"],
)
async def test_what_is_no_frame_ends_the_stream(
    world: World, frames: list[bytes], code: str, text: str
) -> None:
    """The caller hears why, and nothing of the frame was done."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call = channel.stream_stream(OPEN)(iter(frames))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in call:
                pass

    assert (caught.value.code().name, caught.value.details()) == (code, text)
    assert world.peer.seen == []


@pytest.mark.parametrize(
    ("call", "code", "text"),
    [
        (LinkCall(id=1, handle={}), 3, "LinkCall must have a deadline"),
        (LinkCall(id=1, deadline_ms=9), 12, "Method not found!"),
        (LinkCall(id=1, deadline_ms=9, upcast={}), 12, "Method not found!"),
        (
            LinkCall(id=1, deadline_ms=9, handle={}, metadata={"x": "y" * 8192}),
            8,
            "Metadata of 8193 bytes exceeds the limit of 8192 bytes",
        ),
    ],
    ids=["no deadline", "no call", "another's call", "metadata"],
)
async def test_a_wrong_call_fails_alone(world: World, call: LinkCall, code: int, text: str) -> None:
    """The others of its frame are answered."""
    both = LinkCalls.FromString(frame(2))
    both.calls.insert(0, call)

    found = await answers(world, [both.SerializeToString()])

    assert (found[1].status.code, found[1].status.message) == (code, text)
    assert number_of(found[2].handled) == 2


class Twisted:
    """A link that answers every call, its frames mangled as a plan says."""

    def __init__(self, plan: list[tuple[str, int, int]]) -> None:
        self.plan = plan

    async def __call__(
        self, _: Foreign, frames: AsyncIterator[bytes]
    ) -> AsyncGenerator[bytes, None]:
        """Say hello, then answer each frame with one of the plan's until that is over."""
        yield HELLO
        held = list[LinkReply]()
        async for data in frames:
            calls = LinkCalls.FromString(data).calls
            held += [LinkReply(id=call.id, handled=echo(call.handle)) for call in calls]
            how, number, at = self.plan.pop() if self.plan else ("whole", 0, 0)
            strange = LinkReply(id=10**9 + number, handled=echo(contextual(number)))
            whole = LinkReplies(replies=[strange, *reversed(held), strange])
            held = [] if how != "twice" else held
            for piece in mangle(how, at, whole.SerializeToString()):
                yield piece


@given(
    plan=st.lists(
        st.tuples(st.sampled_from(TWISTS), st.integers(1, 9), st.integers(0, 63)), max_size=3
    )
)
@ONE_LOOP
async def test_the_calling_side_gets_its_own_replies_whatever_comes(
    place: Path, system: System, plan: list[tuple[str, int, int]]
) -> None:
    """Unknown, repeated, reordered, cut, undecodable: no call ends with another's reply."""
    world = World(f"unix:{place}/t.sock", system)
    async with Foreign(world.address, Twisted(plan)).serving() as foreign, aclosing(world.channels):
        while not foreign.opened:
            await world.ask(0)
            await system.clock.sleep(0.001)
        for _ in range(3):
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(answer(world, it)) for it in range(4)]

            assert all(task.result() in {number, None} for number, task in enumerate(asked))

        assert number_of(await world.ask(7)) == 7


async def answer(world: World, number: int) -> int | None:
    """Return the number in the reply to one call, None for a reply that was cut away."""
    try:
        return number_of(await world.ask(number, seconds=0.1))
    except CallError as error:
        if error.fault is not Fault.LATENESS:
            raise
        return None
