"""One append, found by the position of its last event."""

from angzarr.types_pb2 import EventBook
from angzarr_reader import Feed
from angzarr_store import PositionPastHeadError

FIRST_REACH = 16


async def append_at(feed: Feed, position: int) -> EventBook | None:
    """Return the append that holds `position`, up to there; None if the log has none yet.

    Raises:
        StoreUnavailableError: nothing was read.
    """
    reach = FIRST_REACH
    while True:
        after = max(0, position - reach)
        found = await _read(feed, after, position)
        if found is None or not after or found.pages[0].position > after + 1:
            return found
        reach *= FIRST_REACH


async def _read(feed: Feed, after: int, position: int) -> EventBook | None:
    """Return the append that holds `position`; it may have begun at or before `after`."""
    try:
        while after < position:
            batch = await feed.read(after, b"", position - after)
            for book in batch.books:
                if book.pages and book.pages[-1].position >= position:
                    pages = [it for it in book.pages if it.position <= position]
                    return EventBook(cover=book.cover, pages=pages)
            if batch.last_position <= after:
                return None
            after = batch.last_position
    except PositionPastHeadError:
        return None
    return None
