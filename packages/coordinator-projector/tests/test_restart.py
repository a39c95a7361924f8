"""Restarts repeat no result and lose none (reliability.md §3)."""

import asyncio

import grpc

from .world import ROOT, World

ROOTS = [bytes([number]) * 16 for number in range(5)]


async def test_a_restart_goes_on_behind_the_checkpoint(empty_world: World) -> None:
    """What is done is not shown again, and what was kept is still there."""
    world = empty_world
    world.durable = True
    await world.start()
    await world.order("one")
    await world.order("other", root=ROOTS[1])
    await world.until_done(2)

    await world.restart_projector()
    await world.order("two", sequence=1)
    await world.until_done(3)

    assert world.projector.seen == ["one", "other", "two"]
    assert await world.projection(ROOT) == (1, "two")
    assert await world.projection(ROOTS[1]) == (0, "other")


async def test_an_event_that_was_not_finished_is_shown_again(empty_world: World) -> None:
    """A call whose result was not stored does not count."""
    world = empty_world
    world.durable = True
    await world.start()
    world.projector.gates["one"] = asyncio.Event()
    await world.order("one")
    await world.until(lambda: world.projector.seen == ["one"])

    await world.stop("projector")
    world.projector.gates.clear()
    await world.start_projector()
    await world.until_done(1)

    assert world.projector.seen == ["one", "one"]
    assert len(world.ledger.projections) == 1


async def test_what_is_done_above_the_checkpoint_is_not_shown_again(empty_world: World) -> None:
    """One root is behind; what others have done in the meantime survives the restart."""
    world = empty_world
    world.durable = True
    await world.start()
    world.projector.gates["slow"] = asyncio.Event()
    await world.order("slow")
    for root in ROOTS:
        await world.order(f"{root[0]}", root=root)
    await world.until(lambda: len(world.ledger.projections) == 5)

    await world.stop("projector")
    world.projector.gates.clear()
    await world.start_projector()
    await world.until_done(6)

    seen = world.projector.seen
    assert (seen.count("slow"), len(seen)) == (2, 7)
    assert len(world.ledger.projections) == 6


async def test_ten_restarts_lose_nothing(empty_world: World) -> None:
    """Fifty events, a restart without warning after every fifth: one result each, in order."""
    world = empty_world
    world.durable = True
    await world.start()

    for sequence in range(10):
        for root in ROOTS:
            await world.order(f"{sequence}", root=root, sequence=sequence)
        await world.restart_projector()
    await world.until_done(50)

    kept = [(it.cover.root.value, it.sequence) for it in world.ledger.projections]
    for root in ROOTS:
        assert [number for at, number in kept if at == root] == list(range(10))
        assert await world.projection(root) == (9, "9")


async def test_attempts_are_counted_over_restarts(empty_world: World) -> None:
    """The budget is not begun anew."""
    world = empty_world
    world.durable = True
    await world.start("--delivery.attempts=100")
    world.projector.failures = [grpc.StatusCode.INTERNAL] * 1000
    await world.order("one")
    await world.until(lambda: world.ledger.retried >= 3)
    await world.stop("projector")
    tried = world.ledger.retried

    await world.start_projector(f"--delivery.attempts={tried + 2}")
    await world.until_done(1)

    (letter,) = world.ledger.parked
    assert (letter.attempts, world.ledger.retried) == (tried + 2, tried + 1)


async def test_a_parked_root_stays_parked_after_a_restart(empty_world: World) -> None:
    """Its later events wait behind the letter, without being tried."""
    world = empty_world
    world.durable = True
    await world.start()
    world.projector.failing = lambda text: text == "bad"
    await world.order("bad")
    await world.until_done(1)

    await world.restart_projector()
    await world.order("behind", sequence=1)
    await world.until_done(2)

    reasons = [letter.reason for letter in world.ledger.parked]
    assert reasons == ["LOGIC_FAILED", "BEHIND_DEAD_LETTER"]
    assert world.projector.seen == ["bad"] * 3
