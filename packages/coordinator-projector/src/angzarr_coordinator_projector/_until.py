"""A log as far as somebody else has come in it."""

from collections.abc import Callable
from dataclasses import dataclass

from angzarr.feed_pb2 import FeedBatch
from angzarr_reader import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """The feed of a log that ends where `end` says, at the end of an append.

    A read model that is built never comes before the one in use: what the live subscription has
    not done it will do, with every effect, and what it has done it never does again.
    """

    feed: Feed
    end: Callable[[], int]

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the appends that follow `after`, as `Feed.read` does."""
        end = self.end()
        if after >= end:
            return FeedBatch(after_position=after, last_position=after, head=after, chain=chain)
        batch = await self.feed.read(after, chain, min(limit, end - after))
        batch.head = min(batch.head, end)
        return batch
