"""angzarr.SpeculativeService: what would happen; nothing does."""

from angzarr import rpc
from angzarr.process_manager_pb2 import ProcessManagerHandleRequest, ProcessManagerHandleResponse
from angzarr.speculative_pb2 import (
    SpeculatePmRequest,
    SpeculateProjectorRequest,
    SpeculateSagaRequest,
)
from angzarr.types_pb2 import (
    CommandResponse,
    DryRunRequest,
    Projection,
    SagaExecuteRequest,
    SagaResponse,
)
from angzarr_admission import Admission
from angzarr_discovery import Component
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, RequestError, refuse


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

    async def SpeculateProjector(  # noqa: N802 - the name on the wire
        self, request: SpeculateProjectorRequest, call: Call
    ) -> Projection:
        """Return what a projector would make of the given events."""
        if not request.HasField("events"):
            raise _missing("SpeculateProjectorRequest must have events", "events")
        component = self._projector(request.projector_name)
        left = call.remaining(self._clock.monotonic())
        method = rpc.ProjectorCoordinator.HandleSpeculative
        return await self._upstream.ask(component, method, request.events, timeout_seconds=left)

    async def SpeculateSaga(self, request: SpeculateSagaRequest, call: Call) -> SagaResponse:  # noqa: N802 - the name on the wire
        """Return what a saga would decide by the given books."""
        if not request.HasField("source"):
            raise _missing("SpeculateSagaRequest must have a source", "source")
        component = self._named("saga", request.saga_name)
        asked = SagaExecuteRequest(source=request.source, destinations=request.destinations)
        left = call.remaining(self._clock.monotonic())
        method = rpc.SagaCoordinator.ExecuteSpeculative
        return await self._upstream.ask(component, method, asked, timeout_seconds=left)

    async def SpeculateProcessManager(  # noqa: N802 - the name on the wire
        self, request: SpeculatePmRequest, call: Call
    ) -> ProcessManagerHandleResponse:
        """Return what a process manager would decide by the given books."""
        if not request.HasField("trigger"):
            raise _missing("SpeculatePmRequest must have a trigger", "trigger")
        component = self._named("process_manager", request.pm_name)
        asked = ProcessManagerHandleRequest(
            trigger=request.trigger,
            process_state=request.process_state,
            destinations=request.destinations,
            new_from=request.trigger.pages[-1].num if request.trigger.pages else 0,
        )
        left = call.remaining(self._clock.monotonic())
        method = rpc.ProcessManagerCoordinator.HandleSpeculative
        return await self._upstream.ask(component, method, asked, timeout_seconds=left)

    def _named(self, kind: str, name: str) -> Component:
        for it in self._upstream.discovery.components():
            if (it.kind, it.name) == (kind, name):
                return it
        what = kind.replace("_", " ").capitalize()
        raise RequestError("UNKNOWN_COMPONENT", f"{what} '{name}' not found", component=name)

    def _projector(self, name: str) -> Component:
        """Return the projector of a name, else the only one that reads the domain of the name."""
        known = [it for it in self._upstream.discovery.components() if it.kind == "projector"]
        named = [it for it in known if it.name == name]
        reading = [it for it in known if any(each.domain == name for each in it.inputs)]
        if not named and len(reading) == 1:
            return reading[0]
        return self._named("projector", name)


def _missing(text: str, field: str) -> RequestError:
    return RequestError("INVALID_ARGUMENT", text, field=field)
