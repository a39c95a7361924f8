"""angzarr.DeadLetters of all components: lists are merged, decisions go to the owner."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from angzarr import Method, rpc
from angzarr.dead_letter_pb2 import (
    DeadLetter,
    DiscardDeadLettersRequest,
    DiscardDeadLettersResponse,
    GetDeadLetterRequest,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
)
from angzarr_discovery import FALLBACK, Component
from angzarr_gateway._upstream import Upstream
from angzarr_ports import Clock
from angzarr_service import Call, RequestError, refuse

RequestT = TypeVar("RequestT", ReplayDeadLettersRequest, DiscardDeadLettersRequest)
ReplyT = TypeVar("ReplyT", ReplayDeadLettersResponse, DiscardDeadLettersResponse)


@dataclass(frozen=True, slots=True)
class Part(Generic[RequestT]):
    """What one component is asked."""

    component: Component
    request: RequestT


class Letters:
    """angzarr.DeadLetters; a component that cannot be reached fails the request."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def List(self, request: ListDeadLettersRequest, call: Call) -> ListDeadLettersResponse:  # noqa: N802 - the name on the wire
        """Return one page over all components, in one order."""
        refuse(request.fault())
        found: list[DeadLetter] = []
        merged = ListDeadLettersResponse()
        has_more = False
        for component in self._asked(request):
            left = call.remaining(self._clock.monotonic())
            part = await self._upstream.ask(
                component, rpc.DeadLetters.List, request, timeout_seconds=left
            )
            found += part.letters
            merged.total += part.total
            has_more = has_more or bool(part.next_page_token)
        found.sort(key=lambda letter: letter.order)
        merged.letters.extend(found[: request.limit])
        if has_more or len(found) > request.limit:
            merged.next_page_token = merged.letters[-1].page_token
        return merged

    async def Get(self, request: GetDeadLetterRequest, call: Call) -> DeadLetter:  # noqa: N802 - the name on the wire
        """Return one letter from its owner."""
        left = call.remaining(self._clock.monotonic())
        return await self._upstream.ask(
            self._owner(request.id), rpc.DeadLetters.Get, request, timeout_seconds=left
        )

    async def Replay(  # noqa: N802 - the name on the wire
        self, request: ReplayDeadLettersRequest, call: Call
    ) -> ReplayDeadLettersResponse:
        """Let the owners try letters again."""
        merged = ReplayDeadLettersResponse()
        await self._decide(rpc.DeadLetters.Replay, request, merged, call)
        return merged

    async def Discard(  # noqa: N802 - the name on the wire
        self, request: DiscardDeadLettersRequest, call: Call
    ) -> DiscardDeadLettersResponse:
        """Let the owners give letters up."""
        merged = DiscardDeadLettersResponse()
        await self._decide(rpc.DeadLetters.Discard, request, merged, call)
        return merged

    async def _decide(
        self, method: Method[RequestT, ReplyT], request: RequestT, merged: ReplyT, call: Call
    ) -> None:
        """Ask every owner whether it can, before the first one does."""
        refuse(request.fault())
        matching: list[Part[RequestT]] = []
        for part in self._parts(request):
            trial = type(request)()
            trial.CopyFrom(part.request)
            trial.dry_run = True
            count = (await self._ask(method, Part(part.component, trial), call)).matched
            part.request.expected_count = count
            merged.matched += count
            matching += [part] * bool(count)
        if request.dry_run:
            return
        if not request.ids and merged.matched != request.expected_count:
            text = f"{merged.matched} letters match, expected {request.expected_count}"
            raise RequestError("COUNT_MISMATCH", text, count=str(merged.matched))
        for part in matching:
            merged.results.extend((await self._ask(method, part, call)).results)

    async def _ask(
        self, method: Method[RequestT, ReplyT], part: Part[RequestT], call: Call
    ) -> ReplyT:
        left = call.remaining(self._clock.monotonic())
        return await self._upstream.ask(part.component, method, part.request, timeout_seconds=left)

    def _parts(self, request: RequestT) -> list[Part[RequestT]]:
        if not request.ids:
            asked = self._asked(request.selection)
            return [Part(component, _copy(request)) for component in asked]
        owners = {id_: self._owner(id_) for id_ in request.ids}
        parts: dict[str, Part[RequestT]] = {}
        for id_, owner in owners.items():
            part = parts.setdefault(owner.name, Part(owner, _copy(request)))
            part.request.ids.append(id_)
        return list(parts.values())

    def _asked(self, request: ListDeadLettersRequest) -> list[Component]:
        known = [it for it in self._upstream.discovery.components() if it.domain != FALLBACK]
        asked = [it for it in known if request.component.partition("~")[0] in {"", it.name}]
        if not asked and request.component:
            text = f"No component: {request.component}"
            raise RequestError("UNKNOWN_COMPONENT", text, component=request.component)
        return asked

    def _owner(self, id_: str) -> Component:
        """Return the component whose name an id begins with, or that of one of its versions."""
        name = id_.partition(":")[0].partition("~")[0]
        for component in self._upstream.discovery.components():
            if component.name == name:
                return component
        raise RequestError("UNKNOWN_DEAD_LETTER", f"No dead letter: {id_}", id=id_)


def _copy(request: RequestT) -> RequestT:
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("ids")
    return copy
