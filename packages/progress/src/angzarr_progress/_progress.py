"""angzarr.Progress, each method named as on the wire."""

import asyncio
from contextlib import suppress

from angzarr.progress_pb2 import (
    AwaitRequest,
    AwaitResponse,
    ComponentProgress,
    ListProgressRequest,
    ListProgressResponse,
    SetPausedRequest,
)
from angzarr_ports import Clock
from angzarr_progress._watch import Watch
from angzarr_service import Call, RequestError
from angzarr_store import OPEN_LETTERS, LetterQuery, StoreUnavailableError

LEAST_MARGIN_SECONDS, MARGIN_SHARE = 0.05, 0.1


class Progress:
    """How far one component has come in the logs that it reads."""

    def __init__(self, watch: Watch, clock: Clock) -> None:
        self._watch = watch
        self._clock = clock

    async def Await(self, request: AwaitRequest, call: Call) -> AwaitResponse:  # noqa: N802 - the name on the wire
        """Return what became of an append as soon as it is known, else before the deadline."""
        self._check(request.component)
        domain, position = request.domain, request.position
        if domain not in self._watch.feeds:
            raise self._watch.not_subscribed(f"{request.component} does not", domain)
        left = call.remaining(self._clock.monotonic())
        margin = max(LEAST_MARGIN_SECONDS, left * MARGIN_SHARE)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left - margin)):
                return await self._watch.known(domain, position)
        with suppress(TimeoutError, StoreUnavailableError):
            async with asyncio.timeout(margin / 2):
                return await self._watch.seen(domain, position)
        return self._watch.late(domain, position)

    async def List(self, request: ListProgressRequest, _call: Call) -> ListProgressResponse:  # noqa: N802 - the name on the wire
        """Return where each subscription stands, by domain."""
        self._check(request.component or self._watch.component)
        asked = [it for it in sorted(self._watch.feeds) if request.domain in {"", it}]
        return ListProgressResponse(entries=[await self._entry(domain) for domain in asked])

    async def SetPaused(self, request: SetPausedRequest, call: Call) -> ListProgressResponse:  # noqa: N802 - the name on the wire
        """Let the component take no further event, or take them again; return where it stands."""
        self._check(request.component)
        found = await self.List(ListProgressRequest(component=request.component), call)
        await self._watch.brake.pause(paused=request.paused)
        for entry in found.entries:
            entry.paused = entry.domain in self._watch.brake.paused
        return found

    async def _entry(self, domain: str) -> ComponentProgress:
        watch = self._watch
        lease = watch.track.lease(domain)
        if lease is None:
            raise _not_ready(f"the subscription of {domain} has not begun")
        position = watch.track.position(domain)
        try:
            batch = await watch.feeds[domain].read(0, b"", 1)
        except StoreUnavailableError as error:
            text = f"Service for domain {domain} is unavailable"
            raise RequestError("UPSTREAM_UNAVAILABLE", text) from error
        parked = LetterQuery(states=OPEN_LETTERS, subscriber=lease.subscriber, domain=domain)
        return ComponentProgress(
            component=watch.component,
            component_type=watch.kind,
            domain=domain,
            position=position,
            head=batch.head,
            parked=await watch.ledger.count_letters(parked),
            paused=domain in watch.brake.paused,
        )

    def _check(self, component: str) -> None:
        if component != self._watch.component:
            text = f"No component: {component}"
            raise RequestError("UNKNOWN_COMPONENT", text, component=component)
        if not self._watch.feeds:
            raise _not_ready("the inputs are not known yet")


def _not_ready(why: str) -> RequestError:
    return RequestError("NOT_READY", f"Not ready: {why}")
