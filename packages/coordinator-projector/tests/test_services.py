"""A projector that serves one of two services, or none (contract.md §4.8, §5)."""

import grpc
import pytest

from angzarr.types_pb2 import SyncMode

from .logic import text_of
from .world import ROOT, World

SYNC = "ProjectorCoordinator/HandleSync"


async def test_logic_may_serve_as_a_coordinator(world: World) -> None:
    """It gets each event alone, in mode SIMPLE, and its result is kept."""
    world.projector.serve_as_coordinator()

    await world.order("one")
    await world.order("two", sequence=1)
    await world.until_done(2)

    assert world.projector.seen == ["one", "two"]
    assert world.projector.modes == [SyncMode.SYNC_MODE_SIMPLE] * 2
    assert [len(book.pages) for book in world.projector.shown] == [1, 1]
    assert [text_of(it.projection) for it in world.ledger.projections] == ["one", "two"]


async def test_it_is_remembered_which_service_answers(world: World) -> None:
    """From then on the other one is not tried."""
    world.projector.serve_as_coordinator()

    for sequence in range(4):
        await world.order(f"{sequence}", sequence=sequence)
    await world.until_done(4)

    assert world.projector.missed.count("Projector/Handle") == 1


async def test_a_failure_of_the_other_service_parks_the_root(world: World) -> None:
    """It is as good as a failure of the usual one."""
    world.projector.serve_as_coordinator()
    world.projector.failures = [grpc.StatusCode.INTERNAL] * 3

    await world.order("one")
    await world.until_done(1)

    (letter,) = world.ledger.parked
    assert (letter.reason, letter.attempts, letter.key.root) == ("LOGIC_FAILED", 3, ROOT)


@pytest.mark.parametrize("returning", ["Projector/Handle", SYNC])
async def test_logic_that_serves_neither_pauses(world: World, returning: str) -> None:
    """Nothing counts as handled, no attempt is spent, and the coordinator is not ready."""
    usual = world.projector.methods.pop("Projector/Handle")
    await world.order("one")
    await world.until(world.is_not_serving)
    before = world.ledger.checkpoint()

    if returning == SYNC:
        world.projector.serve_as_coordinator()
    else:
        world.projector.methods[returning] = usual
    await world.until_done(1)
    await world.until(world.is_serving)

    assert before == 0
    assert (world.ledger.retried, world.ledger.parked) == (0, [])
    assert [text_of(it.projection) for it in world.ledger.projections] == ["one"]


async def test_logic_that_changes_its_service_is_found_again(world: World) -> None:
    """A foreign projector that is replaced by one of ours goes on."""
    usual = world.projector.methods["Projector/Handle"]
    world.projector.serve_as_coordinator()
    await world.order("one")
    await world.until_done(1)

    world.projector.methods["Projector/Handle"] = usual
    del world.projector.methods[SYNC]
    await world.order("two", sequence=1)
    await world.until_done(2)

    assert world.projector.seen == ["one", "two"]
    assert world.ledger.parked == []
