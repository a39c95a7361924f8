"""angzarr.Timers of all process managers: lists are merged, a cancellation goes to the owner."""

from collections.abc import Sequence

from angzarr import rpc
from angzarr.timer_pb2 import (
    CancelTimerRequest,
    CancelTimerResponse,
    ListTimersRequest,
    ListTimersResponse,
    Timer,
)
from angzarr_discovery import Component
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, RequestError, refuse


class Timers:
    """angzarr.Timers; a component that cannot be reached fails the request."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def List(self, request: ListTimersRequest, call: Call) -> ListTimersResponse:  # noqa: N802 - the name on the wire
        """Return one page over all components, by deadline."""
        refuse(request.fault())
        found: list[Timer] = []
        has_more = False
        for component in self._asked(request.component):
            left = call.remaining(self._clock.monotonic())
            part = await self._upstream.ask(
                component, rpc.Timers.List, request, timeout_seconds=left
            )
            found += part.timers
            has_more = has_more or bool(part.next_page_token)
        found.sort(key=lambda timer: timer.order)
        merged = ListTimersResponse(timers=found[: request.limit])
        if has_more or len(found) > request.limit:
            merged.next_page_token = merged.timers[-1].page_token
        return merged

    async def Cancel(self, request: CancelTimerRequest, call: Call) -> CancelTimerResponse:  # noqa: N802 - the name on the wire
        """Remove a timer of one component, or of the only one."""
        refuse(request.fault())
        owners = self._asked(request.component)
        if len(owners) != 1:
            text = f"{len(owners)} components keep timers; name one"
            raise RequestError("INVALID_ARGUMENT", text, field="component")
        left = call.remaining(self._clock.monotonic())
        return await self._upstream.ask(owners[0], rpc.Timers.Cancel, request, timeout_seconds=left)

    def _asked(self, name: str) -> Sequence[Component]:
        known = self._upstream.discovery.components()
        asked = [it for it in known if it.kind == "process_manager" and name in {"", it.name}]
        if not asked and name:
            text = f"No component: {name}"
            raise RequestError("UNKNOWN_COMPONENT", text, component=name)
        return asked
