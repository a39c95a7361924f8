"""A parked command or compensation goes on when an operator wants it (contract.md §4.14)."""

import pytest

from .logic import Target, command, overloaded, refusing, taken_back, text_of
from .world import ROOT, World


async def replay(world: World) -> None:
    """Ask for the only letter to be tried again, and let the saga find it."""
    (letter,) = world.ledger.parked
    await world.ledger.inner.request_replay([letter.id])
    await world.restart_saga()


async def test_a_parked_command_is_sent_again_before_those_behind_it(empty_world: World) -> None:
    """The same bytes, then the event's later commands, then the root's later events."""
    world, target = empty_world, Target()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga()
    target.answers = [("UNIMPLEMENTED", "")]
    world.saga.decide = lambda _: [command(it, root=ROOT) for it in ("a", "b")]
    await world.order("one")
    await world.until_done(1)
    await world.order("two", sequence=1)
    await world.until_done(2)
    assert world.ledger.states == ["parked", "owed"]

    (letter, _) = world.ledger.parked
    await world.ledger.inner.request_replay([letter.id])
    await world.restart_saga()
    await world.until(lambda: len(target.got) == 5)

    assert [text_of(book.pages[0].command) for book in target.books] == ["a", "a", "b", "a", "b"]
    assert target.got[0] == target.got[1]
    await world.until(lambda: world.ledger.states == ["accepted"] * 4)
    assert world.saga.seen == ["one", "two"]


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
async def test_a_parked_compensation_is_sent_again(world: World, durable: bool) -> None:  # noqa: FBT001 - a row
    """The source takes its event back in the end, once."""
    await world.stop("saga")
    world.durable = durable
    await world.start_saga()
    world.saga.decide = refusing
    world.logic["order"].take_back = overloaded
    await world.order("two apples")
    await world.until(lambda: world.ledger.parked)

    world.logic["order"].take_back = taken_back
    await replay(world)
    await world.until_done(2)

    assert [text_of(page.event) for page in await world.pages("order")] == [
        "two apples",
        "cancelled",
    ]
    assert [str(it.state) for it in world.ledger.compensations] == ["accepted"]
    assert world.ledger.states == ["rejected", "accepted"]


async def test_a_compensation_that_fails_again_stays_parked(world: World) -> None:
    """The letter holds its root as before."""
    world.saga.decide = refusing
    world.logic["order"].take_back = overloaded
    await world.order("two apples")
    await world.until(lambda: world.ledger.parked)

    await replay(world)
    await world.until(lambda: len(world.ledger.parked) == 2)

    first, again = world.ledger.parked
    assert (again.id, again.attempts) == (first.id, first.attempts + 1)
    assert [str(it.state) for it in world.ledger.compensations] == ["parked"]
