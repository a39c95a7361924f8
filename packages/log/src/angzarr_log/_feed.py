"""angzarr.EventFeed, each method named as on the wire."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import groupby

from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr_log._announcer import Announcer
from angzarr_log._refusals import no_handler
from angzarr_replay import book_of
from angzarr_service import Call
from angzarr_store import Event, EventLog, FeedPage

BATCH_BYTES = 1024 * 1024
FEED_PAGES = 500
FEED_PAGES_CAP = 5000
IDLE_SECONDS = 4.5


class Feed:
    """The log of one domain, whole appends in the order of their positions."""

    def __init__(self, log: EventLog, announcer: Announcer) -> None:
        self._log = log
        self._announcer = announcer

    async def Head(self, request: HeadRequest, _call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Return the durable end of the log."""
        self._check_domain(request.domain)
        head = await self._log.head()
        return HeadResponse(
            domain=request.domain, position=head.position, epoch=head.epoch, chain=head.chain
        )

    async def Read(self, request: FeedRequest, call: Call) -> AsyncGenerator[FeedBatch, None]:  # noqa: N802 - the name on the wire
        """Yield the log behind a position; with `follow` also what is appended later.

        Each batch begins where the one before ended, so that nothing is missed unnoticed. One
        comes at once, and one at least every five seconds, be it without books.
        """
        self._check_domain(request.domain)
        if request.follow:
            call.stay_open()
        after, chain = request.after_position, request.after_chain
        end: int | None = None
        while True:
            page = await self._read(request, after, chain)
            end = page.head.position if end is None else end
            batch = self._batch(request, after, page)
            after, chain = batch.last_position, batch.chain
            yield batch
            if after >= end and not request.follow:
                return
            if after >= page.head.position:
                await self._announcer.beyond(after, IDLE_SECONDS)

    async def _read(self, request: FeedRequest, after: int, chain: bytes) -> FeedPage:
        limit = min(request.max_pages or FEED_PAGES, FEED_PAGES_CAP)
        return await self._log.read_feed(
            after=after, limit=limit, limit_bytes=BATCH_BYTES, after_chain=chain
        )

    def _batch(self, request: FeedRequest, after: int, page: FeedPage) -> FeedBatch:
        batch = FeedBatch(
            after_position=after,
            last_position=page.events[-1].position if page.events else after,
            head=page.head.position,
            epoch=page.head.epoch,
            head_chain=page.head.chain,
            chain=page.events[-1].chain if page.events else page.head.chain,
        )
        for delta in _deltas(page.events):
            book = book_of(self._log.domain, delta[0].key, delta)
            book.cover.correlation_id = delta[0].correlation_id
            if request.wants(book):
                batch.books.append(book)
                batch.book_chains.append(delta[-1].chain)
        return batch

    def _check_domain(self, domain: str) -> None:
        if domain != self._log.domain:
            raise no_handler(domain)


def _deltas(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Yield the appends in order, without those of deleted editions."""
    for _, found in groupby(events, key=lambda event: event.command_id):
        delta = list(found)
        if delta[0].page is not None:
            yield delta
