"""An append is found by the position of one of its events."""

from collections.abc import Sequence

import pytest

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook
from angzarr_progress import append_at
from angzarr_store import PositionPastHeadError


class Books:
    """A log of appends with so many events each, given out in batches of whole appends."""

    def __init__(self, sizes: Sequence[int], *, appends_at_once: int = 1000) -> None:
        self.reads = 0
        self._at_once = appends_at_once
        self._books: list[EventBook] = []
        position = 0
        for size in sizes:
            book = EventBook()
            for _ in range(size):
                position += 1
                book.pages.add(position=position)
            self._books.append(book)
        self._head = position

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the events behind a position, as far as whole appends go."""
        del chain, limit
        self.reads += 1
        if after > self._head:
            raise PositionPastHeadError("order", after, self._head)
        batch = FeedBatch(after_position=after, last_position=after, head=self._head)
        for book in self._books:
            left = [page for page in book.pages if page.position > after]
            if left and len(batch.books) < self._at_once:
                batch.books.append(EventBook(pages=left))
                batch.last_position = left[-1].position
        return batch


async def span(books: Books, position: int) -> tuple[int, int] | None:
    """Return where the append begins and ends."""
    found = await append_at(books, position)
    return found and (found.pages[0].position, found.pages[-1].position)


@pytest.mark.parametrize("at_once", [1, 1000])
@pytest.mark.parametrize(
    ("position", "wanted"),
    [(1, (1, 1)), (4, (2, 4)), (3, (2, 3)), (304, (5, 304)), (305, (305, 305)), (306, (306, 306))],
)
async def test_an_append_is_found_whole(
    at_once: int, position: int, wanted: tuple[int, int]
) -> None:
    """From its first event on, wherever the reading began, however long it is."""
    books = Books([1, 3, 300, 1, 1], appends_at_once=at_once)

    assert await span(books, position) == wanted


@pytest.mark.parametrize("position", [4, 5, 100])
async def test_what_is_not_in_the_log_yet_is_not_found(position: int) -> None:
    """Nor does it fail: it may come."""
    assert await span(Books([1, 2]), position) is None
