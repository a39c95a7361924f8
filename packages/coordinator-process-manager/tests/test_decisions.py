"""What a process manager is shown, and what becomes of what it says."""

from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr import decision_id, process_root
from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse
from angzarr.process_manager_pb2_grpc import ProcessManagerCoordinatorStub
from angzarr.types_pb2 import CommandBook

from .world import FLOW, NAME, ROOT, answer, sending


async def test_a_decision_has_the_id_of_its_event(world: Any) -> None:
    """It is stored in the process of the correlation id, whatever root logic names."""
    reply = answer("seen")
    reply.process_events.cover.root.value = bytes(16)
    world.logic.decide = lambda _: reply
    await world.start()
    await world.order("one")

    await world.until(lambda: has(world.process(), ["seen"]))

    (page,) = await world.pages(NAME, process_root(FLOW).bytes)
    assert page.command_id == decision_id(NAME, ("order", "angzarr", ROOT, 0))
    (asked,) = world.logic.asked
    assert (asked.new_from, len(asked.trigger.pages)) == (0, 1)
    assert asked.process_state.cover.correlation_id == FLOW


async def test_a_page_for_another_domain_parks_the_event(world: Any) -> None:
    """A process writes its own stream only."""
    reply = answer("seen")
    reply.process_events.cover.domain = "stock"
    world.logic.decide = lambda _: reply
    await world.start()
    await world.order("one")

    await world.until(lambda: is_parked(world))

    assert (await world.letters())[0].reason == "LOGIC_REPLY_INVALID"
    assert await world.process() == []


async def test_logic_that_reads_the_past_is_shown_it(world: Any) -> None:
    """All pages of the root in the workflow, up to the event; `new_from` says which is new."""
    await world.start("--component.trigger=history")
    await world.order("one")
    await world.order("another flow", 1, flow="other")
    await world.order("two", 2)

    await world.until(lambda: asked(world, 3))

    shown = {it.new_from: [page.num for page in it.trigger.pages] for it in world.logic.asked}
    assert shown == {0: [0], 1: [1], 2: [0, 2]}


async def test_a_rejected_command_is_settled(world: Any) -> None:
    """Its compensation goes to the source; the process goes on."""
    world.logic.decide = refused
    await world.start()
    await world.order("one")

    await world.until(lambda: has_pages(world, "order", ["StringValue", "RevokeEventCommand"]))
    await world.until(lambda: has(world.process(), ["taken back"]))

    assert await world.stock() == []
    assert await world.letters() == []


async def test_a_process_that_wants_its_rejections_gets_them(world: Any) -> None:
    """They are events of its own stream; the source hears nothing."""
    world.logic.decide = refused
    inputs = '["order", {"domain": "watch", "types": ["angzarr.RevokeEventCommand"]}]'
    await world.start(f"--component.inputs={inputs}")
    await world.order("one")

    await world.until(lambda: has(world.process(), ["RevokeEventCommand", "taken back"]))

    assert len(await world.pages("order", ROOT)) == 1


async def test_a_command_that_fails_is_retried_and_parked(world: Any) -> None:
    """The decision stays as it was stored; logic is not asked again."""
    reply = answer("seen")
    command = CommandBook.to("nowhere", ROOT, StringValue(value="x"))
    command.cover.domain = NAME  # a process has no commands
    reply.commands.append(command)
    world.logic.decide = lambda _: reply
    await world.start()
    await world.order("one")

    await world.until(lambda: is_parked(world))

    (letter,) = await world.letters()
    assert (letter.command_id != "", letter.cover.domain) == (True, NAME)
    assert await world.process() == ["seen"]
    assert len(world.logic.asked) == 1


async def test_a_speculation_stores_and_sends_nothing(world: Any) -> None:
    """The reply of logic to the given books, its commands stamped."""
    world.logic.decide = lambda _: sending("two")
    await world.start()
    stub: Any = ProcessManagerCoordinatorStub(world.channel(NAME))
    request = ProcessManagerHandleRequest()
    request.trigger.cover.address("order", ROOT, correlation=FLOW)
    request.trigger.record(StringValue(value="one"))

    reply = await stub.HandleSpeculative(request, timeout=10, wait_for_ready=True)

    (command,) = reply.commands
    assert (command.saga_origin.saga_name, command.cover.correlation_id) == (NAME, FLOW)
    assert await world.stock() == []
    with pytest.raises(grpc.aio.AioRpcError, match="must have a trigger"):
        await stub.HandleSpeculative(ProcessManagerHandleRequest(), timeout=10)


def refused(request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
    """Answer an order with a command that is refused, and what tells of it with an event."""
    event = request.trigger.pages[-1].event
    return sending("no") if event.Is(StringValue.DESCRIPTOR) else answer("taken back")


async def has(found: Any, wanted: list[str]) -> bool:
    """Say whether something is as it should be."""
    return list(await found) == wanted


async def has_pages(world: Any, domain: str, wanted: list[str]) -> bool:
    """Say whether the source has events of these types."""
    return [it.type_name.rpartition(".")[2] for it in await world.pages(domain, ROOT)] == wanted


async def asked(world: Any, count: int) -> bool:
    """Say whether logic was asked so often."""
    return len(world.logic.asked) >= count


async def is_parked(world: Any) -> bool:
    """Say whether there is a letter."""
    return bool(await world.letters())
