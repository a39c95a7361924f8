"""angzarr.EditionService of one domain, each method named as on the wire."""

from angzarr.edition_pb2 import (
    CreateEditionRequest,
    CreateEditionResponse,
    DeleteEditionRequest,
    DeleteEditionResponse,
    EditionInfo,
    ListEditionsRequest,
    ListEditionsResponse,
)
from angzarr_ports import Clock
from angzarr_service import Call, RequestError, refuse
from angzarr_store import Edition, EventLog


class Editions:
    """Named branches of one domain's history."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def CreateEdition(  # noqa: N802 - the name on the wire
        self, request: CreateEditionRequest, _call: Call
    ) -> CreateEditionResponse:
        """Make an edition; again with the same arguments changes nothing."""
        refuse(request.fault())
        asked = Edition(
            name=request.name,
            created_at=self._clock.now().isoformat(),
            description=request.description,
            point=request.divergence_point.SerializeToString(),
        )
        made = await self._log.create_edition(asked)
        return CreateEditionResponse(name=made.name, created_at=made.created_at)

    async def DeleteEdition(  # noqa: N802 - the name on the wire
        self, request: DeleteEditionRequest, _call: Call
    ) -> DeleteEditionResponse:
        """Delete an edition for ever; again changes nothing."""
        refuse(request.fault())
        if not await self._log.delete_edition(request.name):
            text = f"No edition: {request.name}"
            raise RequestError("UNKNOWN_EDITION", text, name=request.name)
        return DeleteEditionResponse()

    async def ListEditions(  # noqa: N802 - the name on the wire
        self, _: ListEditionsRequest, _call: Call
    ) -> ListEditionsResponse:
        """Return the editions by name, without those that are deleted."""
        response = ListEditionsResponse()
        for it in await self._log.editions():
            if not it.deleted:
                info = EditionInfo(
                    name=it.name, created_at=it.created_at, description=it.description
                )
                if it.point:
                    info.divergence_point.ParseFromString(it.point)
                response.editions.append(info)
        return response
