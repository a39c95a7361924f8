"""The coordinators of other domains: what is read from them and sent to them."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.types_pb2 import (
    CommandBook,
    Cover,
    EventBook,
    Query,
    RevocationResponse,
    RpcStatus,
)
from angzarr_delivery import FailedError
from angzarr_discovery import NoRouteError
from angzarr_dispatch import Answer
from angzarr_reaction._upcasting import newest
from angzarr_replicas import Replicas
from angzarr_service import CallError, encoded_status
from angzarr_upcaster import Upcaster

NOT_FOUND = 5


class Peers:
    """Reads destinations and sends commands, each with a deadline."""

    def __init__(self, replicas: Replicas, upcaster: Upcaster, *, timeout_seconds: float) -> None:
        self._replicas = replicas
        self._upcaster = upcaster
        self._timeout_seconds = timeout_seconds

    async def fetch(self, covers: Sequence[Cover], source: Cover) -> list[EventBook]:
        """Return one book per cover, in order, as logic sees it on the timeline of the source.

        Raises:
            FailedError: one of them cannot be read; the list is never shortened.
        """
        books = [await self._read(cover, source) for cover in covers]
        return [await newest(self._upcaster, book) for book in books]

    async def history(self, event: EventBook) -> EventBook:
        """Return what the root of an event recorded in its workflow, up to the event.

        Raises:
            FailedError: it cannot be read.
        """
        query = Query(cover=event.cover)
        query.cover.ClearField("root")
        found, last = EventBook(cover=event.cover), event.pages[0].num
        try:
            owner = self._replicas.discovery.route(event.cover.domain)
            async for book in self._replicas.stream(
                owner, rpc.EventQuery.GetEvents, query, timeout_seconds=self._timeout_seconds
            ):
                if book.cover.root == event.cover.root:
                    found.pages.extend(page for page in book.pages if page.num <= last)
        except (NoRouteError, CallError) as error:
            raise _unread(event.cover.domain, error) from error
        return await newest(self._upcaster, found)

    async def send(self, command: CommandBook) -> Answer:
        """Return what the coordinator of the target's domain answers."""
        domain = command.cover.domain
        try:
            response = await self._replicas.call(
                self._replicas.discovery.route(domain),
                rpc.AggregateCoordinator.Handle,
                command,
                timeout_seconds=self._timeout_seconds,
                root=command.cover.root.value,
            )
        except NoRouteError:
            text = f"No aggregate registered for domain: {domain}"
            status = RpcStatus(code=NOT_FOUND, message=text)
            return Answer(status=status, reason="UNKNOWN_DOMAIN")
        except CallError as error:
            status = RpcStatus.FromString(encoded_status(error))
            revocation = RevocationResponse.of(error.peer_metadata)
            return Answer(status=status, reason=error.peer_reason, revocation=revocation)
        stored = len(response.events.pages)
        status = RpcStatus().at(response.position) if stored else RpcStatus()
        return Answer(status=status, events=stored)

    async def _read(self, cover: Cover, source: Cover) -> EventBook:
        query = Query(cover=cover)
        query.cover.edition.CopyFrom(source.edition)
        try:
            return await self._replicas.call(
                self._replicas.discovery.route(cover.domain),
                rpc.EventQuery.GetEventBook,
                query,
                timeout_seconds=self._timeout_seconds,
                root=cover.root.value,
            )
        except (NoRouteError, CallError) as error:
            raise _unread(cover.domain, error) from error


def _unread(domain: str, error: NoRouteError | CallError) -> FailedError:
    if isinstance(error, CallError):
        return FailedError(encoded_status(error), error.peer_reason or "UPSTREAM_UNAVAILABLE")
    status = RpcStatus(code=NOT_FOUND, message=f"No aggregate registered for domain: {domain}")
    return FailedError(status.SerializeToString(), "UNKNOWN_DOMAIN")
