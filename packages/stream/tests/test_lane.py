"""What waits for a slow reader is bounded, and nothing is skipped or repeated."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook, EventStreamFilter
from angzarr_stream._lane import WAITING_BYTES, WAITING_DELTAS, Lane

WANTED = EventStreamFilter(domain="order")


def delta(position: int, size: int = 0) -> EventBook:
    """Return an append of one page."""
    book = EventBook()
    book.cover.domain = "order"
    book.pages.add(position=position).event.value = bytes(size)
    return book


class Log:
    """A feed whose batches hold two appends."""

    def __init__(self) -> None:
        self.head = 0
        self.reads = 0

    async def read(self, after: int, _chain: bytes, _limit: int) -> FeedBatch:
        """Return the next two."""
        self.reads += 1
        last = min(after + 2, self.head)
        books = [delta(it) for it in range(after + 1, last + 1)]
        return FeedBatch(after_position=after, last_position=last, head=self.head, books=books)


@settings(deadline=None)
@given(st.lists(st.integers(min_value=-3, max_value=150), max_size=12), st.integers(0, 5))
async def test_every_append_comes_once_however_it_is_read(steps: list[int], lag: int) -> None:
    """Appends in bursts, reads in between, a follower that lags: the order is that of the log."""
    log, found = Log(), list[int]()
    log.head = lag
    lane: Any = Lane(WANTED, log, 0, lambda: None)  # type: ignore[arg-type]  # a feed of the test
    lane.meet(0)
    for step in steps:
        if step < 0:
            found += [book.pages[0].position async for book in lane.take()]
        for _ in range(step):
            log.head += 1
            lane.offer(delta(log.head - lag), log.head - lag)
    found += [book.pages[0].position async for book in lane.take()]

    assert found == [*range(1, len(found) + 1)]
    assert log.head - lag <= len(found) <= log.head


def test_what_waits_is_bounded() -> None:
    """A lane falls behind at so many appends or bytes, and wakes its reader."""
    woken: list[int] = []
    for size, most in ((0, WAITING_DELTAS), (WAITING_BYTES // 4, 3)):
        lane: Any = Lane(WANTED, Log(), 0, lambda: woken.append(1))  # type: ignore[arg-type]  # a feed of the test
        lane.meet(0)
        for position in range(1, most + 3):
            lane.offer(delta(position, size), position)

        assert (len(lane._waiting), lane.is_live) == (most, False)  # noqa: SLF001 - what it holds
    assert len(woken) > WAITING_DELTAS
