"""The lines of one domain."""

import logging
from contextlib import aclosing

from angzarr.types_pb2 import EventBook
from angzarr_feed import RemoteFeed
from angzarr_ports import Backoff, System
from angzarr_store import StoreUnavailableError
from angzarr_telemetry import Readiness

RECORDED = "event.recorded"
RETRY = Backoff(longest_seconds=5.0)

_LOG = logging.getLogger("angzarr.events")


class Lines:
    """Writes a line per event of a log from its head on, for ever."""

    def __init__(self, domain: str, feed: RemoteFeed, readiness: Readiness, system: System) -> None:
        self._condition = f"log of {domain}"
        self._feed = feed
        self._readiness = readiness
        self._system = system

    async def wait(self) -> None:
        """Be unready until the log is followed."""
        await self._readiness.set(self._condition, "not found yet")

    async def run(self) -> None:
        """Follow the log.

        Raises:
            PositionPastHeadError, LogMismatchError, InvariantError: it is not what it was.
        """
        after, chain = await self._head()
        await self._readiness.set(self._condition, "")
        async with aclosing(self._feed.follow(after, chain, self._system)) as batches:
            async for batch in batches:
                for book in batch.books:
                    self._write(book)

    async def _head(self) -> tuple[int, bytes]:
        attempt = 0
        while True:
            try:
                head = await self._feed.head()
            except StoreUnavailableError as error:
                attempt += 1
                await self._readiness.set(self._condition, error.why)
                await self._system.clock.sleep(RETRY.seconds(attempt, self._system.randomness))
            else:
                return head.position, head.chain

    def _write(self, book: EventBook) -> None:
        cover = book.cover
        for page in book.pages:
            told = {
                "domain": cover.domain,
                "edition": cover.edition_name,
                "root": cover.root.hex,
                "sequence": page.num,
                "position": page.position,
                "events": [page.type_name],
                "correlation_id": cover.correlation_id,
                "command_id": page.command_id,
            }
            _LOG.info(RECORDED, extra=told)
