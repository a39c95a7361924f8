"""angzarr.EditionService over all domains: an edition is made and deleted in every one of them."""

from typing import TypeVar

from google.protobuf.message import Message

from angzarr import Method, rpc
from angzarr.edition_pb2 import (
    CreateEditionRequest,
    CreateEditionResponse,
    DeleteEditionRequest,
    DeleteEditionResponse,
    EditionInfo,
    ListEditionsRequest,
    ListEditionsResponse,
)
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, CallError, RequestError, refuse

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

UNKNOWN = "UNKNOWN_EDITION"
CREATE, DELETE = rpc.EditionService.CreateEdition, rpc.EditionService.DeleteEdition


class Editions:
    """angzarr.EditionService; a domain that cannot be reached fails the request, to be repeated."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def CreateEdition(  # noqa: N802 - the name on the wire
        self, request: CreateEditionRequest, call: Call
    ) -> CreateEditionResponse:
        """Make an edition in every domain; return when it was first made."""
        refuse(request.fault())
        made = [
            await self._ask(domain, CREATE, request, call)
            for domain in self._upstream.discovery.domains()
        ]
        first = min((it.created_at for it in made), default="")
        return CreateEditionResponse(name=request.name, created_at=first)

    async def DeleteEdition(  # noqa: N802 - the name on the wire
        self, request: DeleteEditionRequest, call: Call
    ) -> DeleteEditionResponse:
        """Delete an edition in every domain, and spend its name where it was never used."""
        refuse(request.fault())
        domains = self._upstream.discovery.domains()
        unknown = [it for it in domains if not await self._delete(it, request, call)]
        if unknown == domains:
            raise RequestError(UNKNOWN, f"No edition: {request.name}", name=request.name)
        for domain in unknown:
            await self._ask(domain, CREATE, CreateEditionRequest(name=request.name), call)
            await self._delete(domain, request, call)
        return DeleteEditionResponse()

    async def ListEditions(  # noqa: N802 - the name on the wire
        self, request: ListEditionsRequest, call: Call
    ) -> ListEditionsResponse:
        """Return the editions of all domains by name, each once, as it was first made."""
        found: dict[str, EditionInfo] = {}
        for domain in self._upstream.discovery.domains():
            part = await self._ask(domain, rpc.EditionService.ListEditions, request, call)
            for it in part.editions:
                known = found.setdefault(it.name, it)
                found[it.name] = min(known, it, key=lambda one: one.created_at)
        return ListEditionsResponse(editions=[it for _, it in sorted(found.items())])

    async def _delete(self, domain: str, request: DeleteEditionRequest, call: Call) -> bool:
        try:
            await self._ask(domain, DELETE, request, call)
        except CallError as error:
            if error.peer_reason != UNKNOWN:
                raise
            return False
        return True

    async def _ask(
        self, domain: str, method: Method[RequestT, ReplyT], request: RequestT, call: Call
    ) -> ReplyT:
        left = call.remaining(self._clock.monotonic())
        return await self._upstream.call(domain, method, request, timeout_seconds=left)
