"""What one subscription has still to get of one domain: bounded, and never with a hole."""

from collections import deque
from collections.abc import AsyncIterator, Callable

from angzarr.types_pb2 import EventBook, EventStreamFilter
from angzarr_feed import RemoteFeed
from angzarr_store import StoreUnavailableError

WAITING_DELTAS = 64
WAITING_BYTES = 1024 * 1024
FEED_PAGES = 500


class Lane:
    """The appends of a domain behind position `after` that a filter wants.

    While it is live, what is followed is offered to it. With more than fits it falls behind: it
    reads the feed from there, and is live again where the two meet.
    """

    def __init__(
        self, wanted: EventStreamFilter, feed: RemoteFeed, after: int, wake: Callable[[], None]
    ) -> None:
        self._wanted = wanted
        self._feed = feed
        self._after = after
        self._wake = wake
        self._waiting = deque[tuple[EventBook, int]]()
        self._bytes = 0
        self._seen = 0
        self.is_live = False

    def meet(self, seen: int) -> None:
        """Be live if everything was taken that was followed, which is up to position `seen`."""
        self._seen = max(self._seen, seen)
        self.is_live = self.is_live or self._after >= self._seen

    def offer(self, delta: EventBook, last: int) -> None:
        """Take the next append, which ends at `last`, or fall behind."""
        self._seen = last
        if not self.is_live or last <= self._after:
            return
        if self._wanted.wants(delta):
            self._wake()
            size = delta.ByteSize()
            if self._waiting and not self._has_room(size):
                self.is_live = False
                return
            self._waiting.append((delta, size))
            self._bytes += size
        self._after = last

    async def take(self) -> AsyncIterator[EventBook]:
        """Yield what waits and, until it is live, what the feed has; it may not answer now.

        Raises:
            PositionPastHeadError: the log was shortened.
        """
        while True:
            while self._waiting:
                delta, size = self._waiting.popleft()
                self._bytes -= size
                yield delta
            if self.is_live:
                return
            try:
                batch = await self._feed.read(self._after, b"", FEED_PAGES)
            except StoreUnavailableError:
                return
            self._after = batch.last_position
            self.meet(self._seen)
            for book in filter(self._wanted.wants, batch.books):
                yield book

    def _has_room(self, size: int) -> bool:
        return len(self._waiting) < WAITING_DELTAS and self._bytes + size <= WAITING_BYTES
