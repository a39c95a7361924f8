"""Calls within a link mean what calls alone mean (contract.md §4.15)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr.types_pb2 import BusinessResponse, ContextualCommand, RpcStatus
from angzarr_ports import System
from angzarr_service import CallError, RequestError

from .world import MEBIBYTE, World, echo, number_of

FAILURES: dict[str, Callable[[], Exception]] = {
    "rejected": lambda: CallError(
        RpcStatus(code=9, message="Order already exists"), b"", reached=True
    ),
    "unknown code": lambda: CallError(RpcStatus(code=99, message="strange"), b"", reached=True),
    "details": lambda: RequestError("CONFLICT", "Sequence conflict", expected="1", next="2"),
    "no time": TimeoutError,
    "overloaded": lambda: RequestError.overloaded(0.1),
}


def facts(error: CallError) -> tuple[object, ...]:
    """Return everything that a caller may look at."""
    return (
        error.status.code,
        error.status.message,
        error.details,
        error.reached,
        error.fault,
        error.is_unknown,
    )


async def test_the_first_call_goes_alone_and_the_rest_within_the_link(world: World) -> None:
    """A call never waits for the hello; from the hello on calls travel together."""
    first = await world.ask(1)
    alone = world.peer.linked
    await world.until_linked()
    second = await world.ask(2)

    assert (number_of(first), number_of(second)) == (1, 2)
    assert (alone, world.peer.linked) == ([False], [True])


async def test_every_reply_finds_its_call(world: World) -> None:
    """Hundreds of calls in flight, answered in any order, are not mixed up."""
    gate = asyncio.Event()

    async def late(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence % 3 == 0:
            await gate.wait()
        else:
            gate.set()
        return echo(request)

    await world.until_linked()
    world.peer.act = late
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(world.ask(number)) for number in range(200)]

    assert [number_of(task.result()) for task in asked] == [*range(200)]
    assert set(world.peer.linked) == {True}


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_failure_is_that_of_a_call_alone(world: World, kind: str) -> None:
    """Code, text, details and outcome do not show which way a call took."""

    async def fail(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence:
            error = FAILURES[kind]()
            raise error
        return echo(request)

    world.peer.act = fail
    await world.until_linked()
    with pytest.raises(CallError) as within:
        await world.ask(1)
    with pytest.raises(CallError) as alone:
        await world.ask(1, alone=True)

    assert facts(within.value) == facts(alone.value)
    assert world.peer.linked == [True, False]


async def test_one_failed_call_touches_no_other(world: World) -> None:
    """Beside a failure the other calls of its frame get their replies."""

    async def fail(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence == 7:
            raise RequestError("CONFLICT", "Sequence conflict")
        return echo(request)

    await world.until_linked()
    world.peer.act = fail
    async with asyncio.TaskGroup() as group:
        failing = group.create_task(failed(world, 7))
        asked = [group.create_task(world.ask(number)) for number in (1, 2)]

    assert failing.result().status.message == "Sequence conflict"
    assert [number_of(task.result()) for task in asked] == [1, 2]


async def failed(world: World, number: int, *, seconds: float = 9) -> CallError:
    """Return how a call failed."""
    with pytest.raises(CallError) as caught:
        await world.ask(number, seconds=seconds)
    return caught.value


async def test_a_late_call_is_given_up_on_both_sides(world: World) -> None:
    """At its deadline the caller stops waiting as it would alone, and the peer is told."""

    async def never(_: ContextualCommand) -> BusinessResponse:
        await asyncio.Event().wait()
        raise AssertionError

    await world.until_linked()
    world.peer.act = never
    within = await failed(world, 1, seconds=0.05)
    with pytest.raises(CallError) as alone:
        await world.ask(2, seconds=0.05, alone=True)
    while len(world.peer.cancelled) < 2:
        await world.system.clock.sleep(0.01)

    assert (within.fault, within.is_unknown) == (alone.value.fault, alone.value.is_unknown)
    assert within.status.code == alone.value.status.code
    assert world.peer.linked == [True, False]


async def test_a_caller_that_leaves_is_told_to_the_peer(world: World) -> None:
    """What nobody waits for any more is cancelled, as a call alone would be."""
    begun = asyncio.Event()

    async def never(_: ContextualCommand) -> BusinessResponse:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    await world.until_linked()
    world.peer.act = never
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(world.ask(3))
        await begun.wait()
        asked.cancel()
    while not world.peer.cancelled:
        await world.system.clock.sleep(0.01)

    assert world.peer.cancelled == [3]


async def test_a_large_call_stands_alone_in_its_frame(world: World) -> None:
    """Calls above the limit of a frame travel one by one; above 4 MiB not within the link."""
    await world.until_linked()
    async with asyncio.TaskGroup() as group:
        large = [group.create_task(world.ask(it, padding=2 * MEBIBYTE)) for it in (1, 2)]
    linked = world.peer.linked
    with pytest.raises(CallError) as caught:
        await world.ask(3, padding=4 * MEBIBYTE)

    assert [number_of(task.result()) for task in large] == [1, 2]
    assert linked == [True, True]
    assert caught.value.peer_reason == "MESSAGE_TOO_LARGE"


async def test_beyond_what_the_peer_takes_calls_go_alone(world: World) -> None:
    """A slow peer holds up nobody: what has no room within the link is called beside it."""
    gate = asyncio.Event()

    async def wait(request: ContextualCommand) -> BusinessResponse:
        if len(world.peer.calls) == 120:
            gate.set()
        await gate.wait()
        return echo(request)

    await world.until_linked()
    stream = world.channels._links[world.address, "angzarr.LogicLink"].stream()  # noqa: SLF001 - to lower the limit
    assert stream is not None
    stream._limit = 100  # noqa: SLF001 - as above
    world.peer.act = wait
    async with asyncio.TaskGroup() as group:
        for number in range(120):
            group.create_task(world.ask(number))

    assert sorted(world.peer.linked) == [False] * 20 + [True] * 100


async def test_commands_and_queries_have_a_link_of_their_own(world: World) -> None:
    """A coordinator answers both within one stream."""
    await world.until_linked(world.command)
    command, query = await world.command(1), await world.query(2)

    assert [command.events.pages[0].num, query.pages[0].num] == [1, 2]
    assert world.peer.linked == [True, True]


async def test_switched_off_every_call_goes_alone(world: World) -> None:
    """`link: off` does not even probe."""
    for number in range(3):
        await world.ask(number, alone=True)

    assert world.peer.linked == [False] * 3
    assert not world.alone._links  # noqa: SLF001 - what must not be there


async def test_a_drained_server_sends_the_replies_it_owes(place: Path, system: System) -> None:
    """The stream ends after the reply; a call that comes while draining is refused as alone."""
    world, begun, gate = World(f"unix:{place}/d.sock", system), asyncio.Event(), asyncio.Event()

    async def wait(request: ContextualCommand) -> BusinessResponse:
        begun.set()
        await gate.wait()
        return echo(request)

    async with world.serving():
        await world.until_linked()
        world.peer.act = wait
        async with asyncio.TaskGroup() as group:
            owed = group.create_task(world.ask(1))
            await begun.wait()
            draining = group.create_task(world.server.aclose(drain_seconds=5))
            while not world.server.handlers._in_flight.draining:  # noqa: SLF001 - to wait for it
                await system.clock.sleep(0.001)
            refused = await failed(world, 2)
            gate.set()
        assert draining.done()

    assert number_of(owed.result()) == 1
    assert refused.peer_reason == "NOT_READY"
    assert world.peer.linked == [True]
