"""A projector's logic: an event changes a read model."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from google.protobuf.empty_pb2 import Empty
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
from angzarr_client._registry import FunctionT, Registering, Registry, outcome, place
from angzarr_service import Call

REBUILD = "x-angzarr-rebuild"


class ProjectorRouter(Registering):
    """One function per event type; serves angzarr.Projector, and angzarr.ReadModel if it can.

    It is `(event, context) -> message | None`; it may write, and may be asynchronous.
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
        self._on_switch: Callable[[], object] | None = None

    def on_rebuild(self, function: FunctionT) -> FunctionT:
        """Register `() -> None`, which makes the place beside the read model empty.

        Then every event comes again for that place; see `EventContext.rebuild`.

        Raises:
            TypeError: there is one already.
        """
        if self._on_rebuild is not None:
            raise TypeError(f"{place(function)} empties {self.name}, which has a function for it.")
        self._on_rebuild = function
        return function

    def on_switch(self, function: FunctionT) -> FunctionT:
        """Register `() -> None`: what stands beside becomes the read model, with its places.

        It is one transaction, and may come again: with nothing beside it does nothing.

        Raises:
            TypeError: there is one already.
        """
        if self._on_switch is not None:
            raise TypeError(f"{place(function)} switches {self.name}, which has a function for it.")
        self._on_switch = function
        return function

    @property
    def services(self) -> list[str]:
        """Return what it serves; a read model that can be rebuilt beside has both functions."""
        can_switch = self._on_rebuild is not None and self._on_switch is not None
        return [self.service, *["angzarr.ReadModel"] * can_switch]

    async def rebuild(self) -> None:
        """Make the place beside the read model empty.

        Raises:
            TypeError: no function was registered for it.
        """
        if self._on_rebuild is None:
            raise TypeError(f"{self.name} cannot be rebuilt: it has no .on_rebuild function.")
        await outcome(self._on_rebuild())

    async def switch(self) -> None:
        """Let what stands beside become the read model, if the author has a function for it."""
        if self._on_switch is not None:
            await outcome(self._on_switch())

    async def Begin(self, _: Empty, __: Call) -> Empty:  # noqa: N802 - the name on the wire
        """Make the place beside the read model empty, for every event to come again."""
        return await _done(self.rebuild())

    async def Switch(self, _: Empty, __: Call) -> Empty:  # noqa: N802 - the name on the wire
        """Let what stands beside become the read model."""
        return await _done(self.switch())

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

    async def Handle(self, book: EventBook, call: Call) -> Projection:  # noqa: N802 - the name on the wire
        """Project the events of a book."""
        try:
            return await self.project(book, rebuild=call.metadata.get(REBUILD) == "true")
        except LogicError as error:
            raise error.as_call_error() from error

    async def project(self, book: EventBook, *, rebuild: bool = False) -> Projection:
        """Return the last result of the handlers of a book's events; see `EventContext.rebuild`.

        Raises:
            LogicError: a handler says so.
        """
        projection = Projection(cover=book.cover, projector=self.name)
        for event in Delivered.each(self.name, book, self._registry):
            context = replace(event.context, rebuild=True) if rebuild else event.context
            result = await outcome(event.handler.invoke(event.message, context))
            projection.sequence = event.context.sequence
            if isinstance(result, Message):
                projection.projection.Pack(result)
        return projection


async def _done(work: Awaitable[None]) -> Empty:
    try:
        await work
    except LogicError as error:
        raise error.as_call_error() from error
    return Empty()
