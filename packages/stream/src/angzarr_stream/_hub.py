"""One domain as it is followed for everybody who wants events of it."""

from contextlib import aclosing

from angzarr.feed_pb2 import HeadResponse
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_stream._lane import Lane


class Hub:
    """Offers each append to every lane, from `head` on until it is closed.

    A log that is not the one it was ends the process.
    """

    def __init__(self, domain: str, feed: RemoteFeed, head: HeadResponse, system: System) -> None:
        self._feed = feed
        self._system = system
        self._seen = head.position
        self._lanes: set[Lane] = set()
        self._following = system.tasks.start(f"follow {domain}", self._follow(head))

    @property
    def is_idle(self) -> bool:
        """Say whether nobody wants its events."""
        return not self._lanes

    def add(self, lane: Lane) -> None:
        """Offer what comes to a lane as well."""
        self._lanes.add(lane)
        lane.meet(self._seen)

    def remove(self, lane: Lane) -> None:
        """Offer nothing to a lane any more."""
        self._lanes.discard(lane)

    def close(self) -> None:
        """Follow no more."""
        self._following.cancel()

    async def _follow(self, head: HeadResponse) -> None:
        async with aclosing(self._feed.follow(head.position, head.chain, self._system)) as batches:
            async for batch in batches:
                for book in batch.books:
                    self._seen = book.pages[-1].position
                    for lane in self._lanes:
                        lane.offer(book, self._seen)
                self._seen = batch.last_position
