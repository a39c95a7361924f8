"""Either side of a link is killed in the middle of a call."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from angzarr.types_pb2 import BusinessResponse, ContextualCommand
from angzarr_ports import System
from angzarr_service import CallError, Fault

from .world import World, echo, number_of

SCRIPT = Path(__file__).with_name("alone.py")


@asynccontextmanager
async def process(role: str, address: str) -> AsyncIterator[Process]:
    """Run one side, and kill it at the end."""
    made = await asyncio.create_subprocess_exec(sys.executable, SCRIPT, role, address, stdout=PIPE)
    try:
        yield made
    finally:
        with suppress(ProcessLookupError):
            made.send_signal(signal.SIGKILL)
        await made.wait()


async def said(made: Process, word: str) -> None:
    """Return when the process has said a word."""
    assert made.stdout is not None
    while (await made.stdout.readline()).decode().strip() != word:
        pass


async def linked(world: World, service: str) -> None:
    """Return when calls would travel within the link."""
    calls = {"angzarr.LogicLink": world.ask, "angzarr.CoordinatorLink": world.command}
    while True:
        with suppress(CallError):
            await calls[service](0)
        link = world.channels._links[world.address, service]  # noqa: SLF001 - to see its stream
        if link._stream is not None:  # noqa: SLF001 - as above
            return
        await world.system.clock.sleep(0.01)


async def test_logic_that_is_killed_leaves_no_call_behind(place: Path, system: System) -> None:
    """In flight at the kill, the call is asked for again, and fails when nobody is there."""
    world = World(f"unix:{place}/k.sock", system)
    async with process("serve", world.address) as logic, asyncio.TaskGroup() as group:
        await said(logic, "serving")
        await linked(world, "angzarr.LogicLink")
        asked = group.create_task(failed(world))
        await said(logic, "called")
        logic.send_signal(signal.SIGKILL)
    await world.channels.aclose()

    assert asked.result().fault is Fault.SILENCE


async def failed(world: World) -> CallError:
    """Return how a call of logic failed."""
    with pytest.raises(CallError) as caught:
        await world.ask(1)
    return caught.value


async def test_a_killed_coordinator_leaves_a_command_unknown(place: Path, system: System) -> None:
    """The bytes were sent, so that nothing is claimed about its effect."""
    world = World(f"unix:{place}/c.sock", system)

    async def command() -> CallError:
        with pytest.raises(CallError) as caught:
            await world.command(1)
        return caught.value

    async with process("serve", world.address) as owner, asyncio.TaskGroup() as group:
        await said(owner, "serving")
        await linked(world, "angzarr.CoordinatorLink")
        asked = group.create_task(command())
        await said(owner, "called")
        owner.send_signal(signal.SIGKILL)
    await world.channels.aclose()

    assert (asked.result().fault, asked.result().is_unknown) == (Fault.SILENCE, True)


async def test_a_killed_caller_is_noticed(world: World) -> None:
    """What it waited for is cancelled, and the next caller is answered."""

    async def act(request: ContextualCommand) -> BusinessResponse:
        if request.command.pages[0].sequence and world.peer.linked[-1]:
            begun.set()
            await asyncio.Event().wait()
        return echo(request)

    begun, world.peer.act = asyncio.Event(), act
    async with process("call", world.address) as caller:
        await begun.wait()
        caller.send_signal(signal.SIGKILL)
        while not world.peer.cancelled:
            await world.system.clock.sleep(0.01)
    await world.until_linked()

    assert world.peer.cancelled == [1]
    assert number_of(await world.ask(0)) == 0
