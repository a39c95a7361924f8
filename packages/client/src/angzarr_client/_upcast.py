"""Old events in their newest form."""

import re
from itertools import pairwise
from typing import Any, overload

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from angzarr import DEFAULT_PREFIX, type_name
from angzarr.upcaster_pb2 import UpcastRequest, UpcastResponse
from angzarr_client._errors import InvalidCommandError
from angzarr_client._registry import (
    Function,
    FunctionT,
    Registry,
    is_message_type,
    parse,
    place,
    result_type,
)
from angzarr_service import Call

_VERSION = re.compile(r"V(\d+)$")


class UpcastRouter:
    """One function per old event type of a domain; serves angzarr.Upcaster.

    An event goes through function after function until none takes its type.
    """

    kind = "upcaster"
    service = "angzarr.Upcaster"

    def __init__(self, domain: str) -> None:
        self.name = domain
        self._registry = Registry(0, "first")
        self._next: dict[str, str] = {}

    @overload
    def on(self, first: type[Message], function: Function) -> "UpcastRouter": ...

    @overload
    def on(self, first: FunctionT) -> FunctionT: ...

    def on(self, first: Any, function: Function | None = None) -> Any:
        """Register `(old_event) -> new_event`; both types come from the annotations.

        Raises:
            TypeError: an annotation is missing, the type has a handler, or the way leads back.
        """
        self._lead(function or first, first if is_message_type(first) else None)
        return self._registry.on(self, first, function)

    def check(self) -> None:
        """Refuse a chain that leaves out a version that has a function of its own.

        Versions of a type end in V and a number; the type without is older than V2.

        Raises:
            TypeError: a version is handled that no older one leads to.
        """
        for older, newer in successions(self._next):
            if newer not in self._way(older):
                end = self._way(older)[-1]
                raise TypeError(f"{older} leads to {end}, never to {newer}, which is upcast too.")

    async def Upcast(self, request: UpcastRequest, _: Call) -> UpcastResponse:  # noqa: N802 - the name on the wire
        """Return the events in their newest form."""
        response = UpcastResponse(events=request.events)
        if request.domain in {"", self.name}:
            for page in response.events:
                page.event.CopyFrom(self.newest(page.event))
        return response

    def newest(self, event: AnyMessage) -> AnyMessage:
        """Return an event in its newest form; one that no function takes stays as it is.

        Raises:
            LogicError: it cannot be decoded.
        """
        while (found := self._registry.find(event.type_url)) is not None:
            old = parse(found.message, event.value)
            if old is None:
                name = type_name(event.type_url)
                raise InvalidCommandError(f"Malformed event: {name}").as_call_error()
            event, newer = AnyMessage(), found.function(old)
            event.Pack(newer, DEFAULT_PREFIX)
        return event

    def _lead(self, function: Function, old: type[Message] | None) -> None:
        new = result_type(function)
        if new is None:
            raise TypeError(f"{place(function)} needs a message type as its result.")
        name = (old or self._registry.annotated(function)).DESCRIPTOR.full_name
        if name in self._way(new.DESCRIPTOR.full_name):
            raise TypeError(f"{place(function)} leads {name} back to itself.")
        self._next.setdefault(name, new.DESCRIPTOR.full_name)

    def _way(self, name: str) -> list[str]:
        """Return the types that an event passes, its own first."""
        way = [name]
        while way[-1] in self._next:
            way.append(self._next[way[-1]])
        return way


def successions(handled: dict[str, str]) -> list[tuple[str, str]]:
    """Return each handled version of a type with the next one that is handled."""
    versions: dict[str, list[tuple[int, str]]] = {}
    for name in handled:
        found = _VERSION.search(name)
        number = int(found[1]) if found else 1
        versions.setdefault(_VERSION.sub("", name), []).append((number, name))
    pairs = (sorted(it) for it in versions.values())
    return [(a[1], b[1]) for it in pairs for a, b in pairwise(it)]
