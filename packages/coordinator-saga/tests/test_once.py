"""Restarts repeat no effect and lose none (reliability.md §3)."""

from .logic import text_of
from .world import World

ROOTS = [bytes([number]) * 16 for number in range(5)]


async def test_ten_restarts_repeat_nothing(empty_world: World) -> None:
    """Fifty events, a restart without warning after every fifth: one effect each, in order."""
    world = empty_world
    world.durable = True
    await world.start()

    for sequence in range(10):
        for root in ROOTS:
            await world.order(f"{root[0]} {sequence}", root=root, sequence=sequence)
        await world.restart_saga()
    await world.until_done(50)

    for root in ROOTS:
        pages = await world.stock(root)
        wanted = [f"reserve {root[0]} {sequence}" for sequence in range(10)]
        assert [text_of(page.event) for page in pages] == wanted
    assert world.ledger.parked == []


async def test_a_repeated_command_has_one_effect(empty_world: World) -> None:
    """A saga that lost everything it knew decides again; the target knows the ids."""
    world = empty_world
    await world.start()
    await world.order("two apples")
    await world.until_done(1)
    await world.stop("saga")

    await world.forget()
    await world.start_saga()
    await world.until(lambda: len(world.saga.executed) == 2)
    await world.until_done(1)

    assert len(await world.stock()) == 1


async def test_a_restart_goes_on_behind_the_checkpoint(empty_world: World) -> None:
    """What is done is not shown again."""
    world = empty_world
    world.durable = True
    await world.start()
    await world.order("one")
    await world.until_done(1)

    await world.restart_saga()
    await world.order("two", sequence=1)
    await world.until_done(2)

    assert world.saga.seen == ["one", "two"]
