"""A log that is made of numbers."""

from collections.abc import Sequence

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook
from angzarr_store import PositionPastHeadError


class Books:
    """A log of appends with so many events each, given out in batches of whole appends."""

    def __init__(
        self, sizes: Sequence[int], *, appends_at_once: int = 1000, edition: str = ""
    ) -> None:
        self.reads = 0
        self._at_once = appends_at_once
        self._books: list[EventBook] = []
        position = 0
        for size in sizes:
            book = EventBook()
            book.cover.address("order", bytes(16), edition=edition)
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
                batch.books.append(EventBook(cover=book.cover, pages=left))
                batch.last_position = left[-1].position
        return batch
