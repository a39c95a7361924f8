"""A process manager's logic sees every event in its newest form."""

from typing import Any

from google.protobuf.wrappers_pb2 import StringValue

from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse
from angzarr.types_pb2 import Cover

from .world import ROOT


def decide(request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
    """Record what the event says."""
    response = ProcessManagerHandleResponse()
    response.process_events.pages.add(force=True).event.CopyFrom(request.trigger.pages[0].event)
    return response


def texts(book: Any) -> list[str]:
    """Return what pages say."""
    return [StringValue.FromString(page.event.value).value for page in book.pages]


async def test_every_book_is_in_its_newest_form(world: Any) -> None:
    """The event, the process and the destinations, whatever is asked."""
    world.logic.decide = decide
    world.logic.destinations = [Cover().address("order", ROOT)]
    await world.start(f"--component.upcaster.address={world.address('logic')}")
    await world.order("one")
    await world.order("two", sequence=1)
    await world.until(lambda: recorded(world, ["ONE", "TWO"]))

    asked = world.logic.asked[-1]

    assert texts(world.logic.prepared[-1].trigger) == texts(asked.trigger) == ["TWO"]
    assert texts(world.logic.prepared[-1].process_state) == texts(asked.process_state) == ["ONE"]
    assert [texts(book) for book in asked.destinations] == [["ONE", "TWO"]]


async def test_a_failing_upcaster_parks_the_event(world: Any) -> None:
    """After its attempts; the letter holds the event as it is stored."""
    world.logic.decide = decide
    await world.start(f"--component.upcaster.address={world.address('logic')}")
    await world.order("mute")

    await world.until(lambda: has_letters(world))

    (letter,) = await world.letters()
    assert (letter.reason, letter.status.message) == (
        "UPCAST_FAILED",
        "Upcaster failed: It cannot be said",
    )
    assert world.logic.asked == []


async def recorded(world: Any, wanted: list[str]) -> bool:
    """Say whether the process has recorded this."""
    found: list[str] = await world.process()
    return found == wanted


async def has_letters(world: Any) -> bool:
    """Say whether an event is parked."""
    return len(await world.letters()) == 1
