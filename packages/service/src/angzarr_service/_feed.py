"""The log of a domain as its coordinator serves it (contract.md §4.13)."""

from contextlib import aclosing

from angzarr import rpc
from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr_discovery import Discovery, DiscoveryError
from angzarr_service._channel import Channels
from angzarr_service._errors import CallError
from angzarr_store import LogMismatchError, PositionPastHeadError, StoreUnavailableError

TIMEOUT_SECONDS = 10.0


class RemoteFeed:
    """Reads the feed of one domain batch by batch."""

    def __init__(self, domain: str, channels: Channels, discovery: Discovery) -> None:
        self._domain = domain
        self._channels = channels
        self._discovery = discovery

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the batch that follows `after`.

        Raises:
            StoreUnavailableError: the coordinator does not answer, or not with a batch.
            PositionPastHeadError, LogMismatchError: the log is not the one the reader knows.
        """
        request = FeedRequest(
            domain=self._domain, after_position=after, max_pages=limit, after_chain=chain
        )
        try:
            return await self._first(request)
        except DiscoveryError as error:
            raise StoreUnavailableError(str(error)) from error
        except CallError as error:
            raise self._meaning(error, after) from error

    async def _first(self, request: FeedRequest) -> FeedBatch:
        address = self._discovery.route(self._domain).addresses[0]
        batches = self._channels.stream(
            address, rpc.EventFeed.Read, request, timeout_seconds=TIMEOUT_SECONDS
        )
        async with aclosing(batches):
            async for batch in batches:
                return batch
        raise StoreUnavailableError(f"feed of {self._domain} is empty")

    def _meaning(self, error: CallError, after: int) -> Exception:
        match error.peer_reason:
            case "POSITION_PAST_HEAD":
                return PositionPastHeadError(self._domain, after, 0)
            case "LOG_MISMATCH":
                return LogMismatchError(self._domain, after)
            case _:
                return StoreUnavailableError(error.status.message)
