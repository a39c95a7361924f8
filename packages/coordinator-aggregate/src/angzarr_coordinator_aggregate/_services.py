"""The three services of an aggregate coordinator, each method named as on the wire."""

from collections.abc import AsyncIterator

from google.protobuf.empty_pb2 import Empty

from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr.types_pb2 import AggregateRoot, CommandBook, CommandResponse, EventBook, Query
from angzarr_coordinator_aggregate._pipeline import Pipeline
from angzarr_ports import System
from angzarr_replay import book_of, workflow_books
from angzarr_service import Admission, Call, RequestError
from angzarr_store import Event, EventLog, FeedPage, RootKey

MEBIBYTE = 1024 * 1024
FEED_PAGES = 500
FEED_PAGES_CAP = 5000
POLL_SECONDS = 0.05
IDLE_SECONDS = 5.0


class Commands:
    """angzarr.AggregateCoordinator."""

    def __init__(self, domain: str, pipeline: Pipeline, admission: Admission) -> None:
        self._domain = domain
        self._pipeline = pipeline
        self._admission = admission

    async def Handle(self, book: CommandBook, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Run one command to its durable end."""
        self._admission.admit(book, call)
        if book.cover.domain != self._domain:
            raise no_handler(book.cover.domain)
        return await self._pipeline.run(book, call)


class Queries:
    """angzarr.EventQuery."""

    def __init__(self, log: EventLog, *, limit_bytes: int) -> None:
        self._log = log
        self._limit_bytes = limit_bytes

    async def GetEventBook(self, query: Query, _call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Return the first book that the query means."""
        async for book in self._books(query):
            size = book.ByteSize()
            if size > self._limit_bytes:
                limit = self._limit_bytes
                text = f"EventBook of {size} bytes exceeds the limit of {limit} bytes"
                raise RequestError("MESSAGE_TOO_LARGE", text, limit=str(limit))
            return book
        return EventBook()

    async def GetEvents(self, query: Query, _call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Yield every book that the query means, in pieces that can be sent."""
        async for book in self._books(query):
            for piece in book.pieces(MEBIBYTE):
                yield piece

    async def Synchronize(  # noqa: N802 - the name on the wire
        self, queries: AsyncIterator[Query], call: Call
    ) -> AsyncIterator[EventBook]:
        """Yield one book per query, in order."""
        asked = False
        async for query in queries:
            asked = True
            yield await self.GetEventBook(query, call)
        if not asked:
            raise RequestError("INVALID_ARGUMENT", "No queries provided", field="queries")

    async def GetAggregateRoots(self, _: Empty, _call: Call) -> AsyncIterator[AggregateRoot]:  # noqa: N802 - the name on the wire
        """Yield every root of main, by its first position."""
        async for root in self._log.read_roots():
            found = AggregateRoot(domain=self._log.domain)
            found.root.value = root
            yield found

    async def _books(self, query: Query) -> AsyncIterator[EventBook]:
        self._check(query)
        domain, cover = self._log.domain, query.cover
        if cover.domain not in {"", domain}:
            raise no_handler(cover.domain)
        if cover.HasField("root"):
            key = RootKey(edition=cover.edition_name, root=cover.root.value)
            events = await self._log.read_root(key)
            yield book_of(domain, key, [it for it in events if query.selects(it.sequence)])
            return
        events = await self._log.read_correlation(cover.correlation_id, cover.edition_name)
        for book in workflow_books(domain, [it for it in events if query.selects(it.sequence)]):
            yield book

    def _check(self, query: Query) -> None:
        fault = query.fault()
        if fault is not None:
            raise RequestError("INVALID_ARGUMENT", fault.message, field=fault.field)
        if query.HasField("temporal"):
            raise RequestError("UNIMPLEMENTED", "Temporal queries are not served yet")
        if not query.cover.is_main:
            raise RequestError("UNIMPLEMENTED", "Editions are not served yet")


class Feed:
    """angzarr.EventFeed."""

    def __init__(self, log: EventLog, system: System) -> None:
        self._log = log
        self._clock = system.clock

    async def Head(self, request: HeadRequest, _call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Return the durable end of the log."""
        self._check_domain(request.domain)
        head = await self._log.head()
        return HeadResponse(
            domain=request.domain, position=head.position, epoch=head.epoch, chain=head.chain
        )

    async def Read(self, request: FeedRequest, _call: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - the name on the wire
        """Yield the log from a position on, whole appends, without a hole."""
        self._check_domain(request.domain)
        limit = min(request.max_pages or FEED_PAGES, FEED_PAGES_CAP)
        after, chain = request.after_position, request.after_chain
        end: int | None = None
        spoken = self._clock.monotonic()
        while True:
            page = await self._log.read_feed(
                after=after, limit=limit, limit_bytes=MEBIBYTE, after_chain=chain
            )
            end = page.head.position if end is None else end
            idle = self._clock.monotonic() - spoken >= IDLE_SECONDS
            if page.events or idle or after == request.after_position:
                batch = self._batch(after, chain, page)
                after, chain = batch.last_position, batch.chain
                spoken = self._clock.monotonic()
                yield batch
            if not request.follow and after >= end:
                return
            if not page.events:
                await self._clock.sleep(POLL_SECONDS)

    def _batch(self, after: int, chain: bytes, page: FeedPage) -> FeedBatch:
        batch = FeedBatch(
            after_position=after,
            last_position=page.events[-1].position if page.events else after,
            head=page.head.position,
            epoch=page.head.epoch,
            head_chain=page.head.chain,
            chain=page.events[-1].chain if page.events else chain,
        )
        for delta in _deltas(page.events):
            book = book_of(self._log.domain, delta[0].key, delta)
            book.cover.correlation_id = delta[0].correlation_id
            batch.books.append(book)
            batch.book_chains.append(delta[-1].chain)
        return batch

    def _check_domain(self, domain: str) -> None:
        if domain != self._log.domain:
            raise no_handler(domain)


def no_handler(domain: str) -> RequestError:
    """Return the answer to a message for another domain."""
    text = f"No handler registered for domain: {domain}"
    return RequestError("UNKNOWN_DOMAIN", text, domain=domain)


def _deltas(events: tuple[Event, ...]) -> list[list[Event]]:
    deltas: list[list[Event]] = []
    for event in events:
        if deltas and deltas[-1][0].command_id == event.command_id:
            deltas[-1].append(event)
        else:
            deltas.append([event])
    return deltas
