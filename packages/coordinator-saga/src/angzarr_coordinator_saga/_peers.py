"""The coordinators of other domains: what a saga reads from them and sends to them."""

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
from angzarr_discovery import Discovery, NoRouteError
from angzarr_dispatch import Answer
from angzarr_service import CallError, Channels, encoded_status

NOT_FOUND = 5


class Peers:
    """Reads destinations and sends commands, each with a deadline."""

    def __init__(self, discovery: Discovery, channels: Channels, *, timeout_seconds: float) -> None:
        self._discovery = discovery
        self._channels = channels
        self._timeout_seconds = timeout_seconds

    async def fetch(self, covers: Sequence[Cover], source: Cover) -> list[EventBook]:
        """Return one book per cover, in their order, on the timeline of the source.

        Raises:
            FailedError: one of them cannot be read; the list is never shortened.
        """
        return [await self._read(cover, source) for cover in covers]

    async def send(self, command: CommandBook) -> Answer:
        """Return what the coordinator of the target's domain answers."""
        domain = command.cover.domain
        try:
            address = self._discovery.route(domain).addresses[0]
            response = await self._channels.call(
                address,
                rpc.AggregateCoordinator.Handle,
                command,
                timeout_seconds=self._timeout_seconds,
            )
        except NoRouteError:
            text = f"No aggregate registered for domain: {domain}"
            status = RpcStatus(code=NOT_FOUND, message=text)
            return Answer(status=status, reason="UNKNOWN_DOMAIN")
        except CallError as error:
            status = RpcStatus.FromString(encoded_status(error))
            revocation = RevocationResponse.of(error.peer_metadata)
            return Answer(status=status, reason=error.peer_reason, revocation=revocation)
        return Answer(status=RpcStatus(), events=len(response.events.pages))

    async def _read(self, cover: Cover, source: Cover) -> EventBook:
        query = Query(cover=cover)
        query.cover.edition.CopyFrom(source.edition)
        try:
            address = self._discovery.route(cover.domain).addresses[0]
            return await self._channels.call(
                address, rpc.EventQuery.GetEventBook, query, timeout_seconds=self._timeout_seconds
            )
        except NoRouteError as error:
            text = f"No aggregate registered for domain: {cover.domain}"
            status = RpcStatus(code=NOT_FOUND, message=text)
            raise FailedError(status.SerializeToString(), "UNKNOWN_DOMAIN") from error
        except CallError as error:
            reason = error.peer_reason or "UPSTREAM_UNAVAILABLE"
            raise FailedError(encoded_status(error), reason) from error
