"""angzarr.ProjectorRebuild of all projectors: each request goes to the one that it names."""

from typing import TypeVar

from angzarr import Method, rpc
from angzarr.rebuild_pb2 import (
    BeginRebuildRequest,
    RebuildComparison,
    RebuildRequest,
    RebuildStatus,
)
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, RequestError

RequestT = TypeVar("RequestT", BeginRebuildRequest, RebuildRequest)
ReplyT = TypeVar("ReplyT", RebuildComparison, RebuildStatus)


class Rebuilds:
    """angzarr.ProjectorRebuild."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def Begin(self, request: BeginRebuildRequest, call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Build a read model anew beside the one in use."""
        return await self._ask(rpc.ProjectorRebuild.Begin, request, call)

    async def Get(self, request: RebuildRequest, call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Return how far that has come."""
        return await self._ask(rpc.ProjectorRebuild.Get, request, call)

    async def Compare(self, request: RebuildRequest, call: Call) -> RebuildComparison:  # noqa: N802 - the name on the wire
        """Return whether both say the same."""
        return await self._ask(rpc.ProjectorRebuild.Compare, request, call)

    async def Switch(self, request: RebuildRequest, call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Let the new one take the place of the other."""
        return await self._ask(rpc.ProjectorRebuild.Switch, request, call)

    async def Cancel(self, request: RebuildRequest, call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Give the new one up."""
        return await self._ask(rpc.ProjectorRebuild.Cancel, request, call)

    async def _ask(self, method: Method[RequestT, ReplyT], request: RequestT, call: Call) -> ReplyT:
        name, left = request.component, call.remaining(self._clock.monotonic())
        for component in self._upstream.discovery.components():
            if (component.kind, component.name) == ("projector", name):
                return await self._upstream.ask(component, method, request, timeout_seconds=left)
        raise RequestError("UNKNOWN_COMPONENT", f"No component: {name}", component=name)
