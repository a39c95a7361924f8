"""How far a projector has come, and what one append led to (contract.md §4.2, §4.16)."""

import asyncio

from angzarr.progress_pb2 import (
    AwaitRequest,
    AwaitResponse,
    ListProgressRequest,
    SetPausedRequest,
)
from angzarr.progress_pb2_grpc import ProgressStub
from angzarr.types_pb2 import ComponentResult

from .logic import text_of
from .world import PROJECTOR, ROOT, World

APPLIED, PARKED, TIMED_OUT = (
    ComponentResult.COMPONENT_RESULT_APPLIED,
    ComponentResult.COMPONENT_RESULT_PARKED,
    ComponentResult.COMPONENT_RESULT_TIMED_OUT,
)


async def awaited(world: World, position: int, *, seconds: float = 10) -> AwaitResponse:
    """Return what the projector says of the append that ends at a position."""
    request = AwaitRequest(component=PROJECTOR, domain="order", position=position)
    stub = ProgressStub(world.channel("projector"))
    response: AwaitResponse = await stub.Await(request, timeout=seconds)
    return response


async def test_an_applied_append_comes_with_its_projection(world: World) -> None:
    """It is durable then, and so is the checkpoint behind it."""
    await world.order("one")

    found = await awaited(world, 1)

    outcome, projection = found.outcome, found.projection
    assert (outcome.component, outcome.component_type) == (PROJECTOR, "projector")
    assert (outcome.result, list(outcome.commands)) == (APPLIED, [])
    assert text_of(projection.projection) == "one"
    assert (projection.projector, projection.cover.root.value) == (PROJECTOR, ROOT)
    assert world.ledger.checkpoint() == 1


async def test_what_is_not_wanted_is_applied_without_a_projection(world: World) -> None:
    """What the inputs filter out counts as applied; there is nothing to show for it."""
    world.flags["--component.inputs"] = '[{"domain": "order", "types": ["examples.None"]}]'
    await world.restart_projector()
    await world.order("one")

    found = await awaited(world, 1)

    assert found.outcome.result == APPLIED
    assert not found.HasField("projection")


async def test_a_projector_that_does_not_answer_is_late(world: World) -> None:
    """Delivery goes on behind that."""
    world.projector.gates["one"] = asyncio.Event()
    await world.order("one")

    late = await awaited(world, 1, seconds=3)
    world.projector.gates["one"].set()
    found = await awaited(world, 1)

    assert [late.outcome.result, found.outcome.result] == [TIMED_OUT, APPLIED]


async def test_a_replayed_letter_is_applied(world: World) -> None:
    """A letter is PARKED until an operator has it tried again; a restart changes neither."""
    world.projector.failing = lambda text: text == "bad"
    await world.order("bad")
    parked = (await awaited(world, 1)).outcome
    await world.restart_projector()
    restarted = (await awaited(world, 1)).outcome

    await world.ledger.request_replay([parked.dead_letter_id])
    world.projector.failing = lambda _: False
    await world.restart_projector()
    await world.until(lambda: world.ledger.projections)

    assert (parked.result, parked.dead_letter_id) == (PARKED, f"{PROJECTOR}:order:1")
    assert restarted == parked
    assert (await awaited(world, 1)).outcome.result == APPLIED


async def test_what_was_given_up_stays_parked(world: World) -> None:
    """Its effect is not there, and never will be."""
    world.projector.failing = lambda text: text == "bad"
    await world.order("bad")
    parked = (await awaited(world, 1)).outcome

    assert await world.ledger.discard_letter(parked.dead_letter_id, "nobody needs it")

    found = (await awaited(world, 1)).outcome
    assert (found.result, found.message) == (PARKED, "discarded")


async def test_progress_says_what_is_missing(world: World) -> None:
    """The head is the log's, however far the projector has come."""
    world.projector.gates["one"] = asyncio.Event()
    await world.order("one")
    await world.order("two", sequence=1)

    stub = ProgressStub(world.channel("projector"))
    (entry,) = (await stub.List(ListProgressRequest(component=PROJECTOR), timeout=10)).entries
    world.projector.gates["one"].set()

    assert (entry.position, entry.head, entry.parked) == (0, 2, 0)


async def test_a_projector_is_paused(world: World) -> None:
    """Its read model stays as it is until it goes on."""
    stub = ProgressStub(world.channel("projector"))
    await world.order("one")
    await world.until_done(1)

    paused = await stub.SetPaused(SetPausedRequest(component=PROJECTOR, paused=True), timeout=10)
    await world.order("two", root=bytes(range(1, 17)))
    (entry,) = (await stub.List(ListProgressRequest(), timeout=10)).entries
    await stub.SetPaused(SetPausedRequest(component=PROJECTOR), timeout=10)
    await world.until_done(2)

    assert [it.paused for it in paused.entries] == [True]
    assert (entry.paused, entry.position) == (True, 1)
