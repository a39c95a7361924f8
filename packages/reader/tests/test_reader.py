"""What a reader takes from the bus, and when it looks at the log (reliability.md U2 to U6, U11)."""

from typing import Any

import pytest

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook, EventPage
from angzarr_reader import Delta, ViolationError
from angzarr_store import EMPTY_CHAIN


async def test_frames_that_go_on_spare_the_log(world: Any) -> None:
    """At the head each frame is taken as it comes; what was known before is dropped."""
    world.log.head = 2
    await world.following()
    reads = world.log.reads

    for position in (3, 3, 4, 1, 5):
        world.say(position)
    await world.until(lambda: world.tip == 5)

    assert (world.admitted, world.log.reads) == ([1, 2, 3, 4, 5], reads)


@pytest.mark.parametrize(
    ("position", "frame"),
    [(3, {}), (1, {"epoch": 2}), (1, {"whole": False})],
    ids=["behind a gap", "of another epoch", "only a reference"],
)
async def test_other_frames_send_it_to_the_log(world: Any, position: int, frame: Any) -> None:
    """What a frame does not carry, or does not prove, is read."""
    await world.following()
    reads = world.log.reads

    world.say(position, **frame)
    await world.until(lambda: world.tip == position)

    assert (world.admitted, world.log.reads) == ([*range(1, position + 1)], reads + 1)


async def test_more_frames_than_there_is_room_for_are_read(world: Any) -> None:
    """An inbox that is full drops frames; the log has them all."""
    await world.following()

    for position in range(1, 2001):
        world.say(position)
    await world.until(lambda: world.tip == 2000)

    assert world.admitted == list(range(1, 2001))
    assert world.log.reads < 10


async def test_without_a_frame_the_log_is_looked_at(world: Any) -> None:
    """Every few seconds, whatever the bus says."""
    world.poll_seconds = 0.05
    await world.following()
    world.log.head = 1

    await world.until(lambda: world.tip == 1)
    assert world.idle > 1


async def test_a_log_that_is_away_is_waited_for(world: Any) -> None:
    """Nothing is reported for as long as that is usual."""
    world.log.head, world.log.faults = 1, 2

    await world.following()

    assert (world.admitted, set(world.reports)) == ([1], {""})


async def test_a_log_that_is_away_for_long_is_told(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is its return."""
    monkeypatch.setattr("angzarr_reader._reader.PATIENCE_SECONDS", 0.0)
    world.log.faults = 1

    await world.following()

    assert world.reports == ["away", ""]


def batch(*spans: tuple[int, int], last: int, after: int = 4) -> FeedBatch:
    """Return a batch with an append per span of positions."""
    made = FeedBatch(after_position=after, last_position=last, chain=b"end")
    for first, end in spans:
        pages = [EventPage(position=position) for position in (first, end)][: end - first + 1]
        made.books.append(EventBook(pages=pages))
        made.book_chains.append(EMPTY_CHAIN)
    return made


def test_places_of_what_was_deleted_are_passed() -> None:
    """In front of an append they belong to it, behind the last one they are a step of their own."""
    found = list(Delta.of_batch(batch((7, 8), (9, 9), last=12)))

    assert [(it.first, it.last) for it in found] == [(5, 8), (9, 9), (10, 12)]
    assert (found[2].chain, list(found[2].events())) == (b"end", [])


@pytest.mark.parametrize("spans", [((4, 5),), ((5, 7),), ((6, 6), (5, 5))])
def test_an_append_that_is_not_whole_or_in_order_is_refused(spans: Any) -> None:
    """It comes before what is known, lacks a page, or goes back."""
    with pytest.raises(ViolationError, match="goes from"):
        list(Delta.of_batch(batch(*spans, last=7)))
