"""Where a subscription's events come from."""

from dataclasses import dataclass
from typing import Protocol

from angzarr.feed_pb2 import FeedBatch
from angzarr_bus import Bus


class Feed(Protocol):
    """The log of one domain, read by position."""

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the whole appends that follow `after`, and the head.

        Shape: about `limit` pages; no books only at the head. `chain` is the reader's chain value
        at `after`.

        Raises:
            StoreUnavailableError: nothing was read; retry.
            PositionPastHeadError: the log is shorter than `after`.
            LogMismatchError: the log differs at `after`.
        Rule: contract.md §4.13.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The log of `domain`, read by position, and the bus that announces what is new, if any."""

    domain: str
    feed: Feed
    bus: Bus | None
