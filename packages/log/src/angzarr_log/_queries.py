"""angzarr.EventQuery, each method named as on the wire."""

from collections.abc import AsyncIterator, Container

from google.protobuf.empty_pb2 import Empty

from angzarr.types_pb2 import AggregateRoot, EventBook, Query
from angzarr_log._refusals import no_handler
from angzarr_log._timelines import LAST_SEQUENCE, Timeline, timeline_of
from angzarr_replay import book_of
from angzarr_service import Call, RequestError, refuse
from angzarr_store import Event, EventLog, RootKey

PIECE_BYTES = 1024 * 1024
PIECE_EVENTS = 1000


class Queries:
    """What was stored, by root or by workflow."""

    def __init__(self, log: EventLog, *, limit_bytes: int) -> None:
        self._log = log
        self._limit_bytes = limit_bytes

    async def GetEventBook(self, query: Query, _call: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Return the first book that the query means."""
        found, size = EventBook(), 0
        async for piece in self._pieces(query):
            if found.HasField("cover") and piece.cover != found.cover:
                break
            size += piece.ByteSize()
            if size <= self._limit_bytes:
                found.MergeFrom(piece)
        if size > self._limit_bytes:
            raise RequestError.too_large("EventBook", size, self._limit_bytes)
        return found

    async def GetEvents(self, query: Query, _call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Yield every book that the query means, in pieces that can be sent."""
        async for part in self._pieces(query):
            for piece in part.pieces(PIECE_BYTES):
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

    async def _pieces(self, query: Query) -> AsyncIterator[EventBook]:
        self._check(query)
        cover = query.cover
        if cover.HasField("root"):
            key = RootKey(edition=cover.edition_name, root=cover.root.value)
            timeline = await timeline_of(self._log, key, cover.divergence)
            chosen, (first, last) = await self._chosen(query, timeline)
            async for events in self._history(timeline, first, last):
                selected = [event for event in events if event.sequence in chosen]
                yield book_of(self._log.domain, key, selected)
            return
        await timeline_of(
            self._log, RootKey(edition=cover.edition_name, root=b""), cover.divergence
        )
        for key, runs in (await self._workflow(query)).items():
            own = Timeline(log=self._log, key=key)
            for run in runs:
                async for events in self._history(own, run[0], run[-1]):
                    book = book_of(self._log.domain, key, events)
                    book.cover.correlation_id = cover.correlation_id
                    yield book

    async def _history(
        self, timeline: Timeline, first: int, last: int
    ) -> AsyncIterator[list[Event]]:
        """Yield the events of a root, a bounded number of bytes at a time, at least one list."""
        events = await _piece(timeline, first, last)
        yield events
        while events and events[-1].sequence < last:
            events = await _piece(timeline, events[-1].sequence + 1, last)
            if events:
                yield events

    async def _workflow(self, query: Query) -> dict[RootKey, list[range]]:
        """Return which sequences of which roots carry the correlation id, by first position."""
        found: dict[RootKey, list[range]] = {}
        chosen: dict[RootKey, Container[int]] = {}
        id_, edition = query.cover.correlation_id, query.cover.edition_name
        after, limits = 0, {"limit": PIECE_EVENTS, "limit_bytes": PIECE_BYTES}
        while events := await self._log.read_correlation(id_, edition, after=after, **limits):
            for event in events:
                if event.key not in chosen:
                    timeline = await timeline_of(self._log, event.key, query.cover.divergence)
                    chosen[event.key], _ = await self._chosen(query, timeline)
                if event.sequence in chosen[event.key]:
                    _join(found.setdefault(event.key, []), event.sequence)
            after = events[-1].position
        return found

    async def _chosen(
        self, query: Query, timeline: Timeline
    ) -> tuple[Container[int], tuple[int, int]]:
        """Return which numbers of a root are selected, and the lowest and highest of them."""
        if query.HasField("temporal"):
            last = await timeline.last(query.temporal)
            return range(last + 1), (0, last)
        return query.selected, query.bounds or (0, LAST_SEQUENCE)

    def _check(self, query: Query) -> None:
        refuse(query.fault())
        if query.cover.domain not in {"", self._log.domain}:
            raise no_handler(query.cover.domain)


async def _piece(timeline: Timeline, first: int, last: int) -> list[Event]:
    end = min(last, first + PIECE_EVENTS - 1)
    return await timeline.read(first=first, last=end, limit_bytes=PIECE_BYTES)


def _join(runs: list[range], sequence: int) -> None:
    """Add a number to ascending runs of numbers."""
    begins = runs.pop().start if runs and runs[-1].stop == sequence else sequence
    runs.append(range(begins, sequence + 1))
