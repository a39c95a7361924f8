"""angzarr.EventQuery and angzarr.EventFeed of all domains."""

from collections.abc import AsyncIterator

from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr.types_pb2 import AggregateRoot, EventBook, Query
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, RequestError, refuse


class Queries:
    """angzarr.EventQuery."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def GetEventBook(self, query: Query, call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Return the first book that the query means."""
        root = query.cover.root.value
        for domain in self._asked(query):
            left = call.remaining(self._clock.monotonic())
            book = await self._upstream.call(
                domain, rpc.EventQuery.GetEventBook, query, timeout_seconds=left, root=root
            )
            if book.HasField("cover"):
                return book
        return EventBook()

    async def GetEvents(self, query: Query, call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Yield every book that the query means, domain by domain."""
        for domain in self._asked(query):
            left = call.remaining(self._clock.monotonic())
            async for book in self._upstream.stream(
                domain, rpc.EventQuery.GetEvents, query, timeout_seconds=left
            ):
                yield book

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

    async def GetAggregateRoots(self, request: Empty, call: Call) -> AsyncIterator[AggregateRoot]:  # noqa: N802 - the name on the wire
        """Yield every root of every domain; a domain that is silent ends the stream."""
        for domain in self._upstream.domains():
            left = call.remaining(self._clock.monotonic())
            async for root in self._upstream.stream(
                domain, rpc.EventQuery.GetAggregateRoots, request, timeout_seconds=left
            ):
                yield root

    def _asked(self, query: Query) -> list[str]:
        refuse(query.fault())
        return [query.cover.domain] if query.cover.domain else self._upstream.discovery.domains()


class Feeds:
    """angzarr.EventFeed."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def Head(self, request: HeadRequest, call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Return the end of a domain's log."""
        left = call.remaining(self._clock.monotonic())
        return await self._upstream.call(
            request.domain, rpc.EventFeed.Head, request, timeout_seconds=left
        )

    async def Read(self, request: FeedRequest, call: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - the name on the wire
        """Yield a domain's log; with `follow` the stream stays open."""
        left = call.remaining(self._clock.monotonic())
        timeout = None if request.follow else left
        if request.follow:
            call.stay_open()
        async for batch in self._upstream.stream(
            request.domain, rpc.EventFeed.Read, request, timeout_seconds=timeout
        ):
            yield batch
