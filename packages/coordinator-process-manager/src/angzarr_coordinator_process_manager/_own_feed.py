"""The log of the processes as they read it themselves: their timeouts and rejections are events."""

from contextlib import aclosing

from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr_log import Feed
from angzarr_service import Call


class OwnFeed:
    """The feed of this process, without a socket between."""

    def __init__(self, domain: str, feed: Feed) -> None:
        self._domain = domain
        self._feed = feed

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the batch that follows `after`.

        Raises:
            StoreUnavailableError: nothing was read.
            PositionPastHeadError, LogMismatchError: the log is not the one the reader knows.
        """
        request = FeedRequest(
            domain=self._domain, after_position=after, max_pages=limit, after_chain=chain
        )
        call = Call(deadline=0.0, idempotency_key="")
        async with aclosing(self._feed.Read(request, call)) as batches:
            return await anext(batches)
