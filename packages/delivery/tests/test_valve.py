"""A subscription that an operator halts."""

import asyncio
from typing import Any


async def test_a_paused_subscription_ends_what_it_began_and_takes_no_more(world: Any) -> None:
    """What is in work is finished; what comes later waits until it goes on."""
    gate = asyncio.Event()

    async def work(_event: Any, _commit: Any) -> None:
        await gate.wait()

    world.handler.act = work
    await world.listen()
    await world.record(1)
    await world.until(lambda: world.handler.attempts)
    await world.subscription.pause(paused=True)
    await world.record(2)
    gate.set()
    await world.until_checkpoint(1)
    shut, seen = world.subscription.is_paused, len(world.handler.seen)

    await world.subscription.pause(paused=False)
    await world.until_checkpoint(2)

    assert (shut, seen, world.subscription.is_paused) == (True, 1, False)


async def test_a_pause_outlives_the_process(world: Any) -> None:
    """It is stored when the operator hears of it, and so is its end."""
    await world.listen()
    await world.subscription.pause(paused=True)
    await world.crash()
    await world.record(1)
    reads = world.feed.reads
    world.start()
    await world.until(lambda: world.feed.reads > reads)
    shut = world.subscription.is_paused
    await world.subscription.pause(paused=False)
    await world.until_checkpoint(1)
    await world.crash()
    world.start()
    await world.record(1)
    await world.until_checkpoint(2)

    assert shut


async def test_twice_is_once(world: Any) -> None:
    """Nothing is stored for what is so already."""
    await world.listen()
    await world.subscription.pause(paused=False)
    assert world.ledger.changes == []

    await world.subscription.pause(paused=True)
    await world.subscription.pause(paused=True)

    assert len(world.ledger.changes) == 1


async def test_what_does_not_run_is_left_alone(world: Any) -> None:
    """Before its start and after its end it has no lease to store it under."""
    await world.listen()
    await world.crash()
    await world.subscription.pause(paused=True)

    assert (world.ledger.changes, world.subscription.is_paused) == ([], False)
