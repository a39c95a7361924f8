"""How far a saga has come, and what one append led to (contract.md §4.2, §4.16)."""

import asyncio

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.progress_pb2 import AwaitRequest, ListProgressRequest, SetPausedRequest
from angzarr.progress_pb2_grpc import ProgressStub
from angzarr.types_pb2 import CommandBook, CommandResult, ComponentOutcome, ComponentResult

from .world import ROOT, SAGA, World

OTHER = bytes(reversed(range(16)))
APPLIED, PARKED, TIMED_OUT = (
    ComponentResult.COMPONENT_RESULT_APPLIED,
    ComponentResult.COMPONENT_RESULT_PARKED,
    ComponentResult.COMPONENT_RESULT_TIMED_OUT,
)
ACCEPTED, REJECTED, PENDING, GIVEN_UP = (
    CommandResult.COMMAND_RESULT_ACCEPTED,
    CommandResult.COMMAND_RESULT_REJECTED,
    CommandResult.COMMAND_RESULT_PENDING,
    CommandResult.COMMAND_RESULT_PARKED,
)


async def outcome(world: World, position: int, *, seconds: float = 10) -> ComponentOutcome:
    """Return what the saga says of the append that ends at a position."""
    request = AwaitRequest(component=SAGA, domain="order", position=position)
    response = await ProgressStub(world.channel("saga")).Await(request, timeout=seconds)
    found: ComponentOutcome = response.outcome
    return found


def sending(*texts: str) -> list[CommandBook]:
    """Return commands to the stock."""
    return [CommandBook.to("inventory", ROOT, StringValue(value=text)) for text in texts]


async def test_an_append_is_applied_when_its_commands_have_results(world: World) -> None:
    """Each is listed with what the target said and where it stands in its log."""
    world.saga.decide = lambda _: sending("two apples", "abort FAILED_PRECONDITION", "a pear")
    await world.order("one")

    found = await outcome(world, 1)

    assert (found.component, found.component_type) == (SAGA, "saga")
    assert (found.result, found.domain, found.position) == (APPLIED, "order", 1)
    assert [it.result for it in found.commands] == [ACCEPTED, REJECTED, ACCEPTED]
    assert [it.position for it in found.commands] == [1, 0, 2]
    assert [it.status.message for it in found.commands] == [
        "",
        "Stock says FAILED_PRECONDITION",
        "",
    ]
    assert {it.command_type for it in found.commands} == {"google.protobuf.StringValue"}
    assert [it.command_id for it in found.commands] == [
        it.command_id for it in world.ledger.decided
    ]


async def test_every_event_of_an_append_counts(world: World) -> None:
    """What each of them led to is listed, in order."""
    world.logic["order"].copies = 3
    await world.order("one")

    found = await outcome(world, 3)

    assert [it.position for it in found.commands] == [1, 2, 3]


async def test_what_an_append_led_to_survives_a_restart(world: World) -> None:
    """It is read from the ledger, whoever asks, and however late."""
    world.durable = True
    await world.restart_saga()
    await world.order("one")
    before = await outcome(world, 1)
    await world.order("two", sequence=1)
    await world.until_done(2)

    await world.restart_saga()

    assert await outcome(world, 1) == before
    assert len(before.commands) == 1


async def test_who_waits_hears_at_the_end_of_its_patience(world: World) -> None:
    """TIMED_OUT is an answer, with the commands that have no result yet."""
    world.saga.decide = lambda _: sending("two apples", "abort UNAVAILABLE")
    world.flags["--delivery.attempts"] = "1000"
    await world.restart_saga()
    await world.order("one")
    await world.until(lambda: "accepted" in world.ledger.states)

    found = await outcome(world, 1, seconds=3)

    assert (found.result, found.message) == (TIMED_OUT, "not in time")
    assert [it.result for it in found.commands] == [ACCEPTED, PENDING]


async def test_who_waits_hears_when_it_comes(world: World) -> None:
    """The answer does not wait for the end of anybody's patience."""
    world.saga.gate = asyncio.Event()
    await world.order("one")
    waiting = asyncio.ensure_future(outcome(world, 1, seconds=60))
    await world.until(lambda: world.saga.executed)

    world.saga.gate.set()

    assert (await waiting).result == APPLIED


async def test_a_letter_is_known_before_what_others_are_tried_for(world: World) -> None:
    """PARKED needs no checkpoint: another root that is retried holds it back."""
    world.saga.gate = asyncio.Event()
    await world.order("one", root=OTHER)
    await world.until(lambda: world.saga.executed)
    world.saga.gate = None
    world.saga.decide = lambda _: sending("a pear", "abort UNIMPLEMENTED")
    await world.order("two")

    found = await outcome(world, 2)

    assert (found.result, found.message) == (PARKED, "LOGIC_FAILED")
    assert found.dead_letter_id == f"{SAGA}:order:2"
    assert [it.result for it in found.commands] == [ACCEPTED, GIVEN_UP]
    assert found.commands[1].status.message == "Stock says UNIMPLEMENTED"
    assert world.ledger.checkpoint() == 0


async def test_an_event_behind_a_letter_is_parked_too(world: World) -> None:
    """It has a letter of its own, without an attempt."""
    world.saga.decide = lambda _: sending("abort UNIMPLEMENTED")
    await world.order("one")
    await world.order("two", sequence=1)

    found = await outcome(world, 2)

    assert (found.result, found.message) == (PARKED, "BEHIND_DEAD_LETTER")


async def test_a_stranger_is_told_so(world: World) -> None:
    """Another component, or a domain that the saga does not read."""
    stub = ProgressStub(world.channel("saga"))
    asked = {
        "No component: else": AwaitRequest(component="else", domain="order"),
        f"{SAGA} does not subscribe to domain: cart": AwaitRequest(component=SAGA, domain="cart"),
    }
    for text, request in asked.items():
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Await(request, timeout=10)
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, text)


async def test_progress_is_listed(world: World) -> None:
    """Checkpoint, head and what is parked."""
    world.saga.decide = lambda _: sending("abort UNIMPLEMENTED")
    await world.order("one")
    await world.order("two", root=OTHER)
    await world.until_done(2)

    stub = ProgressStub(world.channel("saga"))
    (entry,) = (await stub.List(ListProgressRequest(), timeout=10)).entries
    elsewhere = await stub.List(ListProgressRequest(domain="cart"), timeout=10)

    assert (entry.component, entry.component_type, entry.domain) == (SAGA, "saga", "order")
    assert (entry.position, entry.head, entry.parked) == (2, 2, 2)
    assert not elsewhere.entries


async def test_a_saga_is_paused(world: World) -> None:
    """It takes nothing that comes, says so, and goes on with all of it."""
    stub = ProgressStub(world.channel("saga"))
    world.saga.decide = lambda _: sending("a pear")
    await world.order("one")
    await world.until_done(1)

    paused = await stub.SetPaused(SetPausedRequest(component=SAGA, paused=True), timeout=10)
    await world.order("two", root=OTHER)
    listed = await stub.List(ListProgressRequest(), timeout=10)
    goes_on = await stub.SetPaused(SetPausedRequest(component=SAGA), timeout=10)
    await world.until_done(2)

    told = [it.paused for reply in (paused, listed, goes_on) for it in reply.entries]
    assert told == [True, True, False]
    assert listed.entries[0].position == 1


async def test_nobody_else_is_paused(world: World) -> None:
    """Another name is another component's."""
    stub = ProgressStub(world.channel("saga"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.SetPaused(SetPausedRequest(component="other", paused=True), timeout=10)

    assert caught.value.details() == "No component: other"
