"""A projector's logic: an event changes a read model."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from google.protobuf.message import Message

from angzarr.types_pb2 import (
    ComponentDescriptor,
    EventBook,
    GetDescriptorRequest,
    Projection,
    Target,
)
from angzarr_client._errors import LogicError
from angzarr_client._event import Delivered
from angzarr_client._registry import Function, Registry, outcome, place
from angzarr_service import Call

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class ProjectorRouter:
    """One function per event type; serves angzarr.Projector.

    `sync=False` says that callers who wait for projectors need not wait for this one.
    """

    kind = "projector"
    service = "angzarr.Projector"

    def __init__(self, name: str, *domains: str, sync: bool = True) -> None:
        self.name = name
        self._domains = domains
        self._sync = sync
        self._registry = Registry(0, "first")
        self._on_rebuild: Callable[[], object] | None = None

    @overload
    def on(self, first: type[Message], function: Function) -> "ProjectorRouter": ...

    @overload
    def on(self, first: FunctionT) -> FunctionT: ...

    def on(self, first: Any, function: Function | None = None) -> Any:
        """Register `(event, context) -> message | None`; it may write, and may be asynchronous.

        Raises:
            TypeError: an annotation is missing, or the type has a handler.
        """
        return self._registry.on(self, first, function)

    def on_rebuild(self, function: FunctionT) -> FunctionT:
        """Register `() -> None`, which empties the read model before every event comes again.

        Raises:
            TypeError: there is one already.
        """
        if self._on_rebuild is not None:
            raise TypeError(f"{place(function)} empties {self.name}, which has a function for it.")
        self._on_rebuild = function
        return function

    async def rebuild(self) -> None:
        """Empty the read model.

        Raises:
            TypeError: no function was registered for it.
        """
        if self._on_rebuild is None:
            raise TypeError(f"{self.name} cannot be rebuilt: it has no .on_rebuild function.")
        await outcome(self._on_rebuild())

    @property
    def descriptor(self) -> ComponentDescriptor:
        """Return what this component is and reads."""
        types = self._registry.types
        inputs = [Target(domain=domain, types=types) for domain in self._domains]
        return ComponentDescriptor(
            name=self.name, component_type=self.kind, inputs=inputs, asynchronous=not self._sync
        )

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return self.descriptor

    async def Handle(self, book: EventBook, _: Call) -> Projection:  # noqa: N802 - the name on the wire
        """Project the events of a book."""
        try:
            return await self.project(book)
        except LogicError as error:
            raise error.as_call_error() from error

    async def project(self, book: EventBook) -> Projection:
        """Return the last result of the handlers of a book's events.

        Raises:
            LogicError: a handler says so.
        """
        projection = Projection(cover=book.cover, projector=self.name)
        for event in Delivered.each(self.name, book, self._registry):
            result = await outcome(event.handler.invoke(event.message, event.context))
            projection.sequence = event.context.sequence
            if isinstance(result, Message):
                projection.projection.Pack(result)
        return projection
