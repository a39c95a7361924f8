"""The log of a domain as its coordinator serves it (contract.md §4.13)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from angzarr import rpc
from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr_discovery import DiscoveryError
from angzarr_ports import Backoff, System
from angzarr_replicas import Replicas
from angzarr_service import CallError
from angzarr_store import (
    InvariantError,
    LogMismatchError,
    PositionPastHeadError,
    StoreUnavailableError,
)

TIMEOUT_SECONDS = 10.0
SILENCE_SECONDS = 15.0
FOLLOWED_PAGES = 500
RETRY = Backoff(longest_seconds=5.0)


class RemoteFeed:
    """Reads the feed of one domain batch by batch."""

    def __init__(self, domain: str, replicas: Replicas) -> None:
        self._domain = domain
        self._replicas = replicas

    async def read(self, after: int, chain: bytes, limit: int) -> FeedBatch:
        """Return the batch that follows `after`.

        Raises:
            StoreUnavailableError: the coordinator does not answer, or not with a batch.
            PositionPastHeadError, LogMismatchError: the log is not the one the reader knows.
        """
        request = FeedRequest(
            domain=self._domain, after_position=after, max_pages=limit, after_chain=chain
        )
        async with self._opened(request, TIMEOUT_SECONDS) as batches:
            async for batch in batches:
                return batch
        raise StoreUnavailableError(f"feed of {self._domain} is empty")

    async def head(self) -> HeadResponse:
        """Return the durable end of the log.

        Raises:
            StoreUnavailableError: the coordinator does not answer.
        """
        request = HeadRequest(domain=self._domain)
        try:
            owner = self._replicas.discovery.route(self._domain)
            return await self._replicas.call(
                owner, rpc.EventFeed.Head, request, timeout_seconds=TIMEOUT_SECONDS
            )
        except (DiscoveryError, CallError) as error:
            raise StoreUnavailableError(str(error)) from error

    async def follow(
        self, after: int, chain: bytes, system: System
    ) -> AsyncGenerator[FeedBatch, None]:
        """Yield the batches that follow `after`, each beginning where the one before ended.

        A coordinator that is gone is waited for; one that is silent is asked anew.

        Raises:
            PositionPastHeadError, LogMismatchError: as of `read`.
            InvariantError: the feed has a hole.
        """
        attempt = 0
        while True:
            request = FeedRequest(
                domain=self._domain,
                after_position=after,
                after_chain=chain,
                max_pages=FOLLOWED_PAGES,
                follow=True,
            )
            try:
                async with self._opened(request, None) as batches:
                    while True:
                        batch = await self._next(batches)
                        if batch.after_position != after:
                            why = f"feed of {self._domain} skips from {after} to"
                            raise InvariantError(f"{why} {batch.after_position}")
                        after, chain, attempt = batch.last_position, batch.chain, 0
                        yield batch
            except (StoreUnavailableError, TimeoutError):
                attempt += 1
                await system.clock.sleep(RETRY.seconds(attempt, system.randomness))

    async def _next(self, batches: AsyncIterator[FeedBatch]) -> FeedBatch:
        async with asyncio.timeout(SILENCE_SECONDS):
            batch = await anext(batches, None)
        if batch is None:
            raise StoreUnavailableError(f"feed of {self._domain} ended")
        return batch

    @asynccontextmanager
    async def _opened(
        self, request: FeedRequest, timeout_seconds: float | None
    ) -> AsyncIterator[AsyncIterator[FeedBatch]]:
        try:
            owner = self._replicas.discovery.route(self._domain)
            batches = self._replicas.stream(
                owner, rpc.EventFeed.Read, request, timeout_seconds=timeout_seconds
            )
            async with aclosing(batches):
                yield batches
        except DiscoveryError as error:
            raise StoreUnavailableError(str(error)) from error
        except CallError as error:
            raise self._meaning(error, request.after_position) from error

    def _meaning(self, error: CallError, after: int) -> Exception:
        match error.peer_reason:
            case "POSITION_PAST_HEAD":
                head = int(error.peer_metadata.get("head", 0))
                return PositionPastHeadError(self._domain, after, head)
            case "LOG_MISMATCH":
                return LogMismatchError(self._domain, after)
            case _:
                return StoreUnavailableError(error.status.message)
