"""angzarr.Progress of all components: lists are merged; one component is awaited by itself."""

from angzarr import rpc
from angzarr.progress_pb2 import (
    ComponentProgress,
    ListProgressRequest,
    ListProgressResponse,
    SetPausedRequest,
)
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, CallError, RequestError


class Progress:
    """angzarr.Progress; a component that cannot be reached fails the request."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def SetPaused(self, request: SetPausedRequest, call: Call) -> ListProgressResponse:  # noqa: N802 - the name on the wire
        """Let one component take no further event, or take them again."""
        for component in self._upstream.discovery.components():
            if component.name == request.component and component.kind != "aggregate":
                left = call.remaining(self._clock.monotonic())
                method = rpc.Progress.SetPaused
                return await self._upstream.ask(component, method, request, timeout_seconds=left)
        raise _unknown(request.component)

    async def List(self, request: ListProgressRequest, call: Call) -> ListProgressResponse:  # noqa: N802 - the name on the wire
        """Return where the subscriptions stand, by component and domain.

        A foreign component that does not tell its progress is left out.
        """
        name = request.component
        known = [it for it in self._upstream.discovery.components() if it.kind != "aggregate"]
        asked = [it for it in known if name in {"", it.name}]
        if not asked and name:
            raise _unknown(name)
        found: list[ComponentProgress] = []
        for component in asked:
            left = call.remaining(self._clock.monotonic())
            try:
                part = await self._upstream.ask(
                    component, rpc.Progress.List, request, timeout_seconds=left
                )
            except CallError as error:
                if not error.status.is_unimplemented:
                    raise
            else:
                found += part.entries
        found.sort(key=lambda it: (it.component, it.domain))
        return ListProgressResponse(entries=found)


def _unknown(name: str) -> RequestError:
    return RequestError("UNKNOWN_COMPONENT", f"No component: {name}", component=name)
