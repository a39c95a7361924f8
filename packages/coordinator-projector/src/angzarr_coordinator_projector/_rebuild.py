"""angzarr.ProjectorRebuild, each method named as on the wire (contract.md §2.3)."""

import asyncio
from contextlib import suppress

from google.protobuf.empty_pb2 import Empty

from angzarr import rpc
from angzarr.rebuild_pb2 import (
    BeginRebuildRequest,
    RebuildComparison,
    RebuildRequest,
    RebuildStatus,
)
from angzarr_coordinator_projector._comparison import Comparison
from angzarr_coordinator_projector._models import Models
from angzarr_coordinator_projector._steering import Steering
from angzarr_coordinator_projector._versions import (
    CATCHING_UP,
    NONE,
    REBUILDING,
    SWITCHING,
    Versions,
)
from angzarr_ports import Clock
from angzarr_progress import Watch
from angzarr_service import Call, CallError, RequestError

NEAR_EVENTS = 1000
LEAST_MARGIN_SECONDS, MARGIN_SHARE = 0.05, 0.1
FIX = "give the router .on_rebuild and .on_switch, or set component.speculative"


class Rebuild:
    """What an operator may do with the versions of one read model."""

    def __init__(self, versions: Versions, watch: Watch, clock: Clock) -> None:
        self._versions = versions
        self._watch = watch
        self._clock = clock
        self._reach: tuple[Models, Steering] | None = None

    def begin(self, models: Models, steering: Steering) -> None:
        """Take what runs the versions, once the inputs are known."""
        self._reach = models, steering

    async def Begin(self, request: BeginRebuildRequest, _call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Build the read model anew beside the live one; a rebuild that goes on is joined."""
        self._check(request.component)
        models, _ = self._ready()
        while self._versions.current.retired:
            await self._versions.changed.wait()
        async with self._versions.turn:
            if self._versions.current.state == NONE and not self._versions.current.retired:
                speculative = not await self._emptied(models)
                now = self._clock.now()
                await self._versions.begin(request.from_position, now, speculative=speculative)
        return await self._status()

    async def Get(self, request: RebuildRequest, _call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Return how far the rebuild has come; without one only the component is named."""
        self._check(request.component)
        return await self._status()

    async def Compare(self, request: RebuildRequest, call: Call) -> RebuildComparison:  # noqa: N802 - the name on the wire
        """Return whether both versions say the same of every root."""
        self._check(request.component)
        self._demand(REBUILDING)
        models, steering = self._ready()
        comparison = Comparison(models, self._watch.track, steering.beside.track)
        return await comparison.result(call.remaining(self._clock.monotonic()))

    async def Switch(self, request: RebuildRequest, call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Let the version beside take the place of the live one.

        Returns what has become of it when it is done, or just before the deadline.
        """
        self._check(request.component)
        self._demand(REBUILDING, CATCHING_UP, SWITCHING)
        if self._versions.current.state == REBUILDING:
            await self._check_near()
            await self._versions.move(REBUILDING, CATCHING_UP)
        left = call.remaining(self._clock.monotonic())
        margin = max(LEAST_MARGIN_SECONDS, left * MARGIN_SHARE)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left - margin)):
                while self._versions.current.state in {CATCHING_UP, SWITCHING}:
                    await self._versions.changed.wait()
        if self._versions.current.state == REBUILDING:
            await self._check_near()
        return await self._status()

    async def Cancel(self, request: RebuildRequest, _call: Call) -> RebuildStatus:  # noqa: N802 - the name on the wire
        """Give up the version beside; the live one goes on."""
        self._check(request.component)
        self._demand(REBUILDING, CATCHING_UP)
        if not await self._versions.cancel():
            self._demand(REBUILDING, CATCHING_UP)
        return await self._status()

    async def _emptied(self, models: Models) -> bool:
        """Have the author's place beside made empty; False if logic is to be asked speculatively.

        Raises:
            RequestError: NOT_REBUILDABLE.
            CallError: logic failed.
        """
        try:
            await models.logic().ask(rpc.ReadModel.Begin, Empty())
        except CallError as error:
            if not error.status.is_unimplemented:
                is_gone = error.status.is_unavailable
                raise error.with_reason(
                    "LOGIC_UNAVAILABLE" if is_gone else "LOGIC_FAILED"
                ) from None
            if not models.settings.component.speculative:
                name = self._versions.component
                text = f"Projector '{name}' cannot be rebuilt: {FIX}"
                raise RequestError("NOT_REBUILDABLE", text, component=name) from error
            return False
        return True

    async def _check_near(self) -> None:
        """Refuse to stop the live version for one that is far behind, or lacks events."""
        _, steering = self._ready()
        name, beside = self._versions.beside, steering.beside
        if parked := await beside.parked():
            text = f"{parked} events of {name} are parked; replay or discard them first"
            raise RequestError("PARKED", text, count=str(parked), component=name)
        total = self._total
        if beside.done + NEAR_EVENTS < total:
            raise self._refusal(f"is at {beside.done} of {total} events; wait until it is near")

    async def _status(self) -> RebuildStatus:
        current, (_, steering) = self._versions.current, self._ready()
        status = RebuildStatus(component=self._versions.component, state=current.state)
        if current.state == NONE:
            return status
        beside = steering.beside
        status.subscriber, status.fault = self._versions.beside, beside.fault
        status.done, status.total, status.rate = beside.done, self._total, beside.rate
        left = max(0, status.total - status.done)
        status.eta_seconds = left / status.rate if status.rate else 0.0
        status.parked = await beside.parked()
        status.from_position = current.from_position
        status.started_at.CopyFrom(current.started_at)
        return status

    @property
    def _total(self) -> int:
        models, _ = self._ready()
        return sum(max(0, self._watch.track.position(it)) for it in models.domains)

    def _ready(self) -> tuple[Models, Steering]:
        if self._reach is None:
            raise RequestError("NOT_READY", "Not ready: the inputs are not known yet")
        return self._reach

    def _check(self, component: str) -> None:
        if component != self._versions.component:
            text = f"No component: {component}"
            raise RequestError("UNKNOWN_COMPONENT", text, component=component)

    def _demand(self, *states: int) -> None:
        if (state := self._versions.current.state) not in states:
            texts = {NONE: "is not being rebuilt", REBUILDING: "is not being switched"}
            raise self._refusal(texts.get(state, "is being switched; wait until it is done"))

    def _refusal(self, why: str) -> RequestError:
        name, state = self._versions.component, self._versions.current.state
        return RequestError("REBUILD_STATE", f"{name} {why}", component=name, state=str(state))
