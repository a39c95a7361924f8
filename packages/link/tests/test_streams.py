"""Streams that are lost, and peers without a link (contract.md §4.15, §5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from angzarr.link_pb2 import LinkCalls, LinkReplies, LinkReply
from angzarr.types_pb2 import BusinessResponse, ContextualCommand, RpcStatus
from angzarr_link import LinkedChannels, _stream
from angzarr_ports import System
from angzarr_service import CallError, Fault
from angzarr_settings import load

from .foreign import HELLO, Foreign, Link, greeted, mute, silent
from .world import World, echo, number_of


class Cut:
    """Logic whose answer is the loss of its stream, so many times."""

    def __init__(self, world: World, times: int) -> None:
        self.world = world
        self.times = times

    async def __call__(self, request: ContextualCommand) -> BusinessResponse:
        """Cut the stream, or answer."""
        if self.times:
            self.times -= 1
            for link in self.world.channels._links.values():  # noqa: SLF001 - to cut it
                for task in link._tasks:  # noqa: SLF001 - as above
                    task.cancel()
            await asyncio.Event().wait()
        return echo(request)


async def test_what_was_in_flight_is_asked_for_again_on_the_next_stream(world: World) -> None:
    """Logic is pure: a call whose stream is lost is made again, and the caller never knows."""
    await world.until_linked()
    world.peer.act = Cut(world, 1)

    found = await world.ask(5)

    assert number_of(found) == 5
    assert (world.peer.seen, world.peer.linked) == ([5, 5], [True, True])


async def test_in_flight_at_two_losses_it_goes_alone(world: World) -> None:
    """What may be the cause of the losses takes no other call with it a third time."""
    await world.until_linked()
    world.peer.act = Cut(world, 2)

    found = await world.ask(5)

    assert number_of(found) == 5
    assert (world.peer.seen, world.peer.linked) == ([5, 5, 5], [True, True, False])


async def test_a_query_is_asked_again_too(world: World) -> None:
    """A read changes nothing."""
    await world.until_linked(world.query)
    world.peer.act = Cut(world, 1)

    found = await world.query(5)

    assert found.pages[0].num == 5
    assert world.peer.linked == [True, True]


async def test_a_command_that_was_sent_is_unknown_and_never_repeated(world: World) -> None:
    """Nobody knows whether it took effect: only who knows its id may send it again."""
    await world.until_linked(world.command)
    world.peer.act = Cut(world, 1)

    with pytest.raises(CallError) as caught:
        await world.command(5)

    assert (caught.value.fault, caught.value.is_unknown) == (Fault.SILENCE, True)
    assert caught.value.status.is_unavailable
    assert world.peer.seen == [5]


async def test_a_command_that_was_not_sent_goes_on(world: World) -> None:
    """No byte of it was given away, so that it may go another way."""
    await world.until_linked(world.command)
    stream = world.channels._links[world.address, "angzarr.CoordinatorLink"].stream()  # noqa: SLF001 - to lose it
    assert stream is not None
    asyncio.get_running_loop().call_soon(stream._lose)  # noqa: SLF001 - before the writer's step
    found = await world.command(5)

    assert found.events.pages[0].num == 5
    assert world.peer.seen == [5]


@pytest.mark.parametrize("link", [None, silent, mute])
async def test_a_peer_without_a_link_is_called_alone(
    link: Link | None,
    place: Path,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No such service, no hello, or another first frame: every call works as before."""
    monkeypatch.setattr("angzarr_link._link.HELLO_SECONDS", 0.05)
    world = World(f"unix:{place}/f.sock", system)
    async with Foreign(world.address, link).serving() as foreign:
        for number in range(20):
            assert number_of(await world.ask(number)) == number
            await system.clock.sleep(0.005)

        assert foreign.opened <= 1
    await world.channels.aclose()


async def test_a_restarted_peer_is_probed_again(place: Path, system: System) -> None:
    """Logic without a link is replaced by logic with one: the reconnect brings it to light."""
    world = World(f"unix:{place}/r.sock", system)
    async with Foreign(world.address, None).serving():
        await world.ask(1)
        await world.ask(2)
    with pytest.raises(CallError):
        await world.ask(3)
    async with world.serving():
        await world.until_linked()
        await world.ask(4)

        assert world.peer.linked == [True]


async def test_a_peer_that_falls_silent_is_noticed(
    place: Path, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a silence a ping that nobody answers ends the stream; the call goes alone."""
    monkeypatch.setattr(_stream, "QUIET_SECONDS", 0.05)
    world = World(f"unix:{place}/s.sock", system)
    async with Foreign(world.address, greeted).serving() as foreign:
        while not foreign.opened:
            await world.ask(1)
            await system.clock.sleep(0.01)

        found = await world.ask(2, seconds=5)

        assert number_of(found) == 2
        assert foreign.pings
    await world.channels.aclose()


async def test_a_ping_is_answered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call may take longer than the silence that is checked."""
    monkeypatch.setattr(_stream, "QUIET_SECONDS", 0.15)

    async def slow(request: ContextualCommand) -> BusinessResponse:
        await world.system.clock.sleep(0.6)
        return echo(request)

    await world.until_linked()
    world.peer.act = slow
    found = await world.ask(5)

    assert number_of(found) == 5
    assert world.peer.seen == [5]


async def test_a_stream_is_renewed_before_a_server_ends_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one answers what it owes, new calls take the next."""
    gate = asyncio.Event()

    async def wait(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence == 1:
            await gate.wait()
        return echo(request)

    await world.until_linked()
    link = world.channels._links[world.address, "angzarr.LogicLink"]  # noqa: SLF001 - to see its streams
    old = link.stream()
    world.peer.act = wait
    async with asyncio.TaskGroup() as group:
        owed = group.create_task(world.ask(1))
        while not world.peer.seen:
            await world.system.clock.sleep(0.001)
        monkeypatch.setattr("angzarr_link._link.RENEWED_SECONDS", 0)
        assert link.stream() is None
        monkeypatch.setattr("angzarr_link._link.RENEWED_SECONDS", 1800)
        await world.until_linked()
        gate.set()

    assert number_of(owed.result()) == 1
    assert link.stream() is not old
    assert world.peer.seen == []


@pytest.mark.parametrize(
    "reply",
    [{}, {"commanded": {}}, {"saga_prepared": {}}],
    ids=["none", "of another link", "of another call"],
)
async def test_a_reply_of_another_kind_is_no_reply(
    place: Path, system: System, reply: dict[str, dict[str, str]]
) -> None:
    """What does not belong to the call is garbage, never an empty answer."""

    async def answered(_: Foreign, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield HELLO
        async for data in frames:
            for call in LinkCalls.FromString(data).calls:
                made = LinkReply(id=call.id, **reply)  # type: ignore[arg-type]  # as the test says
                yield LinkReplies(replies=[made]).SerializeToString()

    world = World(f"unix:{place}/g.sock", system)
    async with Foreign(world.address, answered).serving() as foreign, aclosing(world.channels):
        while not foreign.opened:
            await world.ask(1)
            await system.clock.sleep(0.005)
        with pytest.raises(CallError) as caught:
            await until_failed(world)

    assert caught.value.fault is Fault.GARBAGE


async def until_failed(world: World) -> None:
    """Call until a call fails."""
    while True:
        await world.ask(1)
        await world.system.clock.sleep(0.005)


async def test_a_code_that_nobody_knows_is_unknown(place: Path, system: System) -> None:
    """A status without a code, or with one of another protocol, is still a failure."""
    codes = [0, 77, 9]

    async def failed(_: Foreign, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield HELLO
        async for data in frames:
            for call in LinkCalls.FromString(data).calls:
                made = LinkReply(id=call.id, status=RpcStatus(code=codes.pop(0)))
                yield LinkReplies(replies=[made]).SerializeToString()

    world, found = World(f"unix:{place}/u.sock", system), list[int]()
    async with Foreign(world.address, failed).serving(), aclosing(world.channels):
        while len(found) < 3:
            try:
                await world.ask(1)
            except CallError as error:
                found.append(error.status.code)
            await system.clock.sleep(0.005)

    assert found == [2, 2, 9]


async def test_logic_that_asks_for_its_history_gets_the_whole_call(
    place: Path, system: System
) -> None:
    """It declares to have no state, so the call is made alone, in full."""

    async def forgetful(_: Foreign, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield HELLO
        async for data in frames:
            for call in LinkCalls.FromString(data).calls:
                asked.append(call.id)
                made = LinkReply(id=call.id, need_history=True)
                yield LinkReplies(replies=[made]).SerializeToString()

    world, asked = World(f"unix:{place}/h.sock", system), list[int]()
    async with Foreign(world.address, forgetful).serving(), aclosing(world.channels):
        while not asked:
            assert number_of(await world.ask(1)) == 1
            await system.clock.sleep(0.005)


async def test_a_call_whose_time_is_over_waits_for_no_stream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the next stream is opened the deadline of a call goes on."""
    await world.until_linked()
    link = world.channels._links[world.address, "angzarr.LogicLink"]  # noqa: SLF001 - to lose its stream

    async def never() -> None:
        await asyncio.Event().wait()

    async def cut(request: ContextualCommand) -> BusinessResponse:
        monkeypatch.setattr(link, "next_stream", never)
        return await Cut(world, 1)(request)

    world.peer.act = cut
    with pytest.raises(CallError) as caught:
        await world.ask(5, seconds=0.1)

    assert caught.value.fault is Fault.LATENESS


async def test_settings_say_whether_there_are_links(system: System) -> None:
    """`component.link: off` makes channels without; so does a transport that stands in."""
    for flags, is_off in (([], False), (["--component.link=off"], True)):
        channels = LinkedChannels.of(load(flags, {}), system)

        assert channels._is_off is is_off  # noqa: SLF001 - what the setting means
