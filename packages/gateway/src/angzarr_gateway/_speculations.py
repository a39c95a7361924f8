"""angzarr.SpeculativeService: what would happen; nothing does."""

from angzarr import rpc
from angzarr.types_pb2 import CommandResponse, DryRunRequest
from angzarr_admission import Admission
from angzarr_gateway._refusal import refuse
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call


class Speculations:
    """angzarr.SpeculativeService."""

    def __init__(self, upstream: Upstream, admission: Admission, clock: Clock) -> None:
        self._upstream = upstream
        self._admission = admission
        self._clock = clock

    async def DryRunCommand(self, request: DryRunRequest, call: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Return what one command would have led to at a point in time."""
        refuse(request.fault())
        book = request.command
        self._admission.admit(book, call)
        book.ClearField("saga_origin")
        left = call.remaining(self._clock.monotonic())
        method = rpc.AggregateCoordinator.DryRunHandle
        return await self._upstream.call(book.cover.domain, method, request, timeout_seconds=left)
