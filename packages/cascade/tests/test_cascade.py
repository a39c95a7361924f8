"""What follows from an append, as far as somebody waits for it (contract.md §4.2)."""

import asyncio

import grpc

from .world import Subscriber, World, book, sent, told


async def test_simple_waits_for_the_projectors_of_the_domain(world: World) -> None:
    """Others read other domains, or are no projectors."""
    await world.add(
        Subscriber("projector-all", "projector", "*"),
        Subscriber("projector-order", "projector", "order"),
        Subscriber("projector-stock", "projector", "stock"),
        Subscriber("saga-order", "saga", "order"),
    )

    found = await world.follow("SIMPLE")

    wanted = [("projector-all", "order", 1, "APPLIED"), ("projector-order", "order", 1, "APPLIED")]
    assert told(found) == wanted
    assert [it.projection.projector for it in found] == ["projector-all", "projector-order"]


async def test_a_cascade_goes_on_behind_every_accepted_command(world: World) -> None:
    """Breadth first: whoever follows from a command comes after all that follow its cause."""
    saga, manager = Subscriber("saga", "saga", "order"), Subscriber("watch", "process_manager", "#")
    saga.sends = {1: [sent("stock", 7), sent("stock", 0)]}
    saga.sends[1].append(sent("stock", 8))
    saga.sends[1][2].result = 2
    manager.sends = {7: [sent("ship", 3)]}
    await world.add(saga, manager, Subscriber("view", "projector", "ship"))

    found = await world.follow()

    assert told(found) == [
        ("saga", "order", 1, "APPLIED"),
        ("watch", "order", 1, "APPLIED"),
        ("watch", "stock", 7, "APPLIED"),
        ("view", "ship", 3, "APPLIED"),
        ("watch", "ship", 3, "APPLIED"),
    ]
    assert [it.outcome.depth for it in found] == [0, 0, 1, 2, 2]


async def test_a_circle_ends_at_the_limit(world: World) -> None:
    """Ten commands deep everybody is asked; whoever would be next is named and skipped."""
    saga = Subscriber("saga", "saga", "order")
    saga.sends = {it: [sent("order", it + 1)] for it in range(1, 30)}
    await world.add(saga)

    found = await world.follow()

    assert [it.outcome.depth for it in found] == list(range(12))
    assert [it[3] for it in told(found)] == ["APPLIED"] * 11 + ["SKIPPED"]
    assert found[-1].outcome.message == "depth limit of 10 reached"
    assert len(saga.asked) == 11


async def test_an_append_is_asked_about_once(world: World) -> None:
    """However many commands end there."""
    saga = Subscriber("saga", "saga", "order", "stock")
    saga.sends = {1: [sent("stock", 5), sent("stock", 5)], 5: [sent("order", 1)]}
    await world.add(saga)

    await world.follow()

    assert saga.asked == [("order", 1), ("stock", 5)]


async def test_an_asynchronous_projector_is_not_asked(world: World) -> None:
    """It is named, so that nobody takes it for applied."""
    lazy = Subscriber("lazy", "projector", "order")
    await world.add(lazy, asynchronous=True)

    (found,) = await world.follow("SIMPLE")

    assert (told([found])[0][3], found.outcome.message) == ("SKIPPED", "asynchronous")
    assert lazy.asked == []


async def test_who_is_away_is_asked_again(world: World) -> None:
    """A restart of a subscriber is not the end of a wait."""
    back = Subscriber("back", "projector", "order")
    back.failures = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL]
    await world.add(back)

    found = await world.follow("SIMPLE")

    assert told(found) == [("back", "order", 1, "APPLIED")]
    assert len(back.asked) == 3


async def test_who_stays_away_is_late(world: World) -> None:
    """The others are not held up, and the end of the caller's time is kept."""
    silent = Subscriber("silent", "saga", "order")
    silent.gate = asyncio.Event()
    await world.add(silent, Subscriber("view", "projector", "order"))
    world.know("gone", "projector", "order")

    found = await world.follow(seconds=2)
    silent.gate.set()

    assert [it[3] for it in told(found)] == ["TIMED_OUT", "TIMED_OUT", "APPLIED"]
    assert [it.outcome.message for it in found] == ["unreachable", "not in time", ""]


async def test_who_is_late_hides_nothing_of_the_others(world: World) -> None:
    """What follows from the commands of the others is waited for meanwhile."""
    saga = Subscriber("saga", "saga", "order")
    saga.sends = {1: [sent("stock", 5)]}
    await world.add(saga, Subscriber("view", "projector", "stock"))
    world.know("gone", "projector", "order")

    found = await world.follow(seconds=2)

    assert told(found) == [
        ("gone", "order", 1, "TIMED_OUT"),
        ("saga", "order", 1, "APPLIED"),
        ("view", "stock", 5, "APPLIED"),
    ]


async def test_without_time_nobody_is_asked(world: World) -> None:
    """The commit took it all; everybody is named all the same."""
    view = Subscriber("view", "projector", "order")
    await world.add(view)

    found = await world.follow(seconds=0)

    assert told(found) == [("view", "order", 1, "TIMED_OUT")]
    assert view.asked == []


async def test_a_foreign_projector_is_sent_the_pages(world: World) -> None:
    """It has no progress to tell; what it leaves empty is filled in."""
    view = Subscriber("view", "projector", "order")
    view.be_foreign()
    await world.add(view)

    (found,) = await world.follow("SIMPLE", position=4)

    assert told([found]) == [("view", "order", 4, "APPLIED")]
    assert (found.projection.projector, found.projection.sequence) == ("view", 3)
    assert found.projection.cover == book("order", 4).cover
    assert view.books == [book("order", 4)]


async def test_a_foreign_projector_behind_a_saga_gets_them_from_the_log(world: World) -> None:
    """The answer to the saga's command is not here; the log of its target is."""
    saga, view = Subscriber("saga", "saga", "order"), Subscriber("view", "projector", "stock")
    saga.sends = {1: [sent("stock", 20)]}
    view.be_foreign()
    await world.own("stock")
    await world.add(saga, view)

    found = await world.follow()

    assert told(found) == [("saga", "order", 1, "APPLIED"), ("view", "stock", 20, "APPLIED")]
    assert view.books == [book("stock", 20)]


async def test_a_foreign_projector_that_is_not_interested_is_left_out(world: World) -> None:
    """NOT_FOUND is how it says so."""
    view = Subscriber("view", "projector", "order")
    view.be_foreign("NOT_SUBSCRIBED")
    await world.add(view)

    assert await world.follow("SIMPLE") == []


async def test_a_foreign_projector_that_has_parked_says_where(world: World) -> None:
    """Its letter is named."""
    view = Subscriber("view", "projector", "order")
    view.be_foreign("PARKED")
    await world.add(view)

    (found,) = await world.follow("SIMPLE")

    assert told([found]) == [("view", "order", 1, "PARKED")]
    assert found.outcome.dead_letter_id == "p:order:1"


async def test_a_foreign_saga_cannot_be_waited_for(world: World) -> None:
    """It is named and skipped, not taken for late."""
    saga = Subscriber("saga", "saga", "order")
    saga.be_foreign()
    await world.add(saga)

    (found,) = await world.follow()

    assert (told([found])[0][3], found.outcome.message) == ("SKIPPED", "tells no progress")
