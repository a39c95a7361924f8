"""angzarr.ProjectorCoordinator, each method named as on the wire (contract.md §4.8)."""

from contextlib import suppress
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr.types_pb2 import ComponentResult, EventBook, Projection, Query, SyncEventBook
from angzarr_discovery import NoRouteError
from angzarr_ports import Clock
from angzarr_progress import Watch
from angzarr_reaction import Logic
from angzarr_replicas import Replicas
from angzarr_service import Call, CallError, RequestError

PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """What others, foreign coordinators among them, may ask a projector's coordinator."""

    watch: Watch
    replicas: Replicas
    clock: Clock
    logic: Logic
    speculative: bool

    async def HandleSpeculative(self, book: EventBook, _call: Call) -> Projection:  # noqa: N802 - the name on the wire
        """Return what logic makes of the given events; nothing is stored (contract.md §4.10)."""
        if not book.pages:
            text = "EventBook must have events"
            raise RequestError("INVALID_ARGUMENT", text, field="pages")
        name = self.watch.component
        if not self.speculative:
            text = f"Projector '{name}' does not support speculation"
            raise RequestError("NOT_SPECULATIVE", text, component=name)
        projection = await self.logic.speculate(rpc.Projector.Handle, book)
        return projection.fill(book.cover, name, book.pages[-1].num)

    async def HandleSync(self, request: SyncEventBook, call: Call) -> Projection:  # noqa: N802 - the name on the wire
        """Return the projection of the last page, once the subscription has applied all of them."""
        book, watch = request.events, self.watch
        if not book.pages:
            text = "SyncEventBook must have events"
            raise RequestError("INVALID_ARGUMENT", text, field="events")
        domain, who = book.cover.domain, f"Projector {watch.component} does not"
        if domain not in watch.feeds:
            raise watch.not_subscribed(who, domain)
        placed = await self._placed(book, call)
        found = await watch.known(domain, placed.pages[-1].position, placed)
        outcome = found.outcome
        if outcome.result == ComponentResult.COMPONENT_RESULT_PARKED:
            letter = outcome.dead_letter_id
            raise RequestError("PARKED", f"Parked as {letter}", id=letter)
        if outcome.result == ComponentResult.COMPONENT_RESULT_SKIPPED:
            text = f"{who} follow edition: {book.cover.edition_name}"
            raise RequestError("NOT_SUBSCRIBED", text, component=watch.component)
        return found.projection.fill(placed.cover, watch.component, placed.pages[-1].num)

    async def Handle(self, _book: EventBook, _call: Call) -> Empty:  # noqa: N802 - the name on the wire
        """Answer at once: the bus and the polls of the feed find what the caller has seen."""
        return Empty()

    async def _placed(self, book: EventBook, call: Call) -> EventBook:
        """Return the pages with their positions, as the log has them; a foreign caller has none."""
        if all(page.position for page in book.pages):
            return book
        query, last = Query(cover=book.cover), book.pages[-1].num
        query.range.lower, query.range.upper = book.pages[0].num, last
        while True:
            with suppress(NoRouteError, CallError):
                found = await self.replicas.call(
                    self.replicas.discovery.route(book.cover.domain),
                    rpc.EventQuery.GetEventBook,
                    query,
                    timeout_seconds=call.remaining(self.clock.monotonic()),
                    root=book.cover.root.value,
                )
                if found.pages and found.pages[-1].num == last:
                    return found
            await self.clock.sleep(PAUSE_SECONDS)
