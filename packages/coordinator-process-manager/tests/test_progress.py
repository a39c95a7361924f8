"""How far a process manager has come, and what one append led to (contract.md §4.2, §4.16)."""

from typing import Any

from angzarr.progress_pb2 import AwaitRequest, ListProgressRequest, SetPausedRequest
from angzarr.progress_pb2_grpc import ProgressStub
from angzarr.types_pb2 import CommandResult, ComponentResult

from .world import NAME, sending


async def is_stocked(world: Any) -> bool:
    """Say whether the command has come to its target."""
    return bool(await world.stock())


async def test_an_append_is_applied_when_its_commands_have_results(world: Any) -> None:
    """They stand in the decision of the process, and each has its outcome."""
    world.logic.decide = lambda _: sending("a pear")
    await world.start()
    await world.order("one")
    await world.until(lambda: is_stocked(world))

    stub = ProgressStub(world.channel(NAME))
    request = AwaitRequest(component=NAME, domain="order", position=1)
    outcome = (await stub.Await(request, timeout=10, wait_for_ready=True)).outcome

    assert outcome.component_type == "process_manager"
    assert outcome.result == ComponentResult.COMPONENT_RESULT_APPLIED
    (command,) = outcome.commands
    assert command.result == CommandResult.COMMAND_RESULT_ACCEPTED
    assert (command.cover.domain, command.position) == ("stock", 1)


async def test_its_own_log_is_one_that_it_reads(world: Any) -> None:
    """Timeouts are in it."""
    world.logic.decide = lambda _: sending("a pear")
    await world.start()
    await world.order("one")
    await world.until(lambda: is_stocked(world))

    stub = ProgressStub(world.channel(NAME))
    listed = await stub.List(ListProgressRequest(), timeout=10, wait_for_ready=True)

    assert [it.domain for it in listed.entries] == ["order", NAME]


async def test_a_process_manager_is_paused(world: Any) -> None:
    """In every log that it reads; it goes on with what came meanwhile."""
    world.logic.decide = lambda _: sending("a pear")
    await world.start()
    stub = ProgressStub(world.channel(NAME))
    request = SetPausedRequest(component=NAME, paused=True)
    paused = await stub.SetPaused(request, timeout=10, wait_for_ready=True)
    await world.order("one")
    listed = await stub.List(ListProgressRequest(), timeout=10)
    await stub.SetPaused(SetPausedRequest(component=NAME), timeout=10)
    await world.until(lambda: is_stocked(world))

    assert [it.paused for it in (*paused.entries, *listed.entries)] == [True] * 4
    assert listed.entries[0].position == 0
