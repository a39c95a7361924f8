"""An aggregate's logic: commands against a state become events."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from google.protobuf.message import Message

from angzarr import type_name
from angzarr.types_pb2 import (
    BusinessResponse,
    ComponentDescriptor,
    ContextualCommand,
    EventBook,
    GetDescriptorRequest,
    RevocationResponse,
    RevokeEventCommand,
    Target,
)
from angzarr_client._context import CommandContext
from angzarr_client._errors import InvalidCommandError, LogicError, UnhandledRejectionError
from angzarr_client._fold import StateRouter
from angzarr_client._registry import FunctionT, Handler, Registering, Registry, outcome, parse
from angzarr_ports import Clock, SystemClock
from angzarr_service import Call

MessageT = TypeVar("MessageT", bound=Message)
REVOKE = RevokeEventCommand.DESCRIPTOR.full_name


class CommandRouter(Registering):
    """One function per command type of a domain; serves angzarr.Aggregate.

    It is `(command, state[, context]) -> event | list | None`, and may be asynchronous.
    """

    kind = "aggregate"
    service = "angzarr.Aggregate"

    def __init__(self, domain: str, fold: StateRouter, *, clock: Clock | None = None) -> None:
        self.name = domain
        self.fold = fold
        self._clock = clock or SystemClock()
        self._registry = Registry(0, "first", fold.state)
        self._rejections = Registry(0, "first")

    def on_rejected(self, command: type[Message]) -> Callable[[FunctionT], FunctionT]:
        """Register what happens when such a command, sent because of our event, was refused.

        The function gets `(rejection, state[, context])` and returns events or a
        RevocationResponse. Without one for the type, `compensation.fallback` decides.

        Raises:
            TypeError: the type has a handler.
        """

        def register(function: FunctionT) -> FunctionT:
            self._rejections.add(function, command)
            return function

        return register

    @property
    def descriptor(self) -> ComponentDescriptor:
        """Return what this component is and takes."""
        target = Target(domain=self.name, types=self._registry.types)
        return ComponentDescriptor(name=self.name, component_type=self.kind, inputs=[target])

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return self.descriptor

    async def Handle(self, request: ContextualCommand, _: Call) -> BusinessResponse:  # noqa: N802 - the name on the wire
        """Answer one command."""
        try:
            return await self.decide(request, self._clock.now())
        except LogicError as error:
            raise error.as_call_error() from error

    async def decide(self, request: ContextualCommand, now: datetime) -> BusinessResponse:
        """Return the events, or the revocation, that a command leads to at the time `now`.

        Raises:
            LogicError: the command is refused.
        """
        if not request.command.pages:
            raise InvalidCommandError("No command pages")
        asked = request.command.pages[0].command
        handler, message = self._handler(asked.type_url, asked.value)
        state = self.fold.fold(request.events)
        context = self._context(request, now)
        result = await outcome(handler.invoke(message, state, context))
        if isinstance(result, RevocationResponse):
            return BusinessResponse(revocation=result)
        return self._response(request, state, result, now)

    def _handler(self, type_url: str, value: bytes) -> tuple[Handler, Message]:
        if type_name(type_url) == REVOKE:
            return self._rejection_handler(value)
        found = self._registry.find(type_url)
        if found is None:
            raise InvalidCommandError(f"Unknown command type: {type_url}")
        return found, _parsed(found.message, value)

    def _rejection_handler(self, value: bytes) -> tuple[Handler, Message]:
        rejection = _parsed(RevokeEventCommand, value)
        refused = rejection.rejected_command
        found = self._rejections.find(refused.type_url)
        if found is None:
            raise UnhandledRejectionError(self.name, refused.type_name)
        return found, rejection

    def _context(self, request: ContextualCommand, now: datetime) -> CommandContext:
        cover = request.command.cover
        return CommandContext(
            domain=cover.domain,
            root=cover.root.uuid,
            edition=cover.edition_name,
            correlation_id=cover.correlation_id,
            sequence=request.events.next_page_number,
            now=now,
        )

    def _response(
        self, request: ContextualCommand, state: Message, result: object, now: datetime
    ) -> BusinessResponse:
        events = as_list(result)
        book = EventBook(cover=request.command.cover, next_sequence=request.events.next_page_number)
        book.record(*events)
        book.ClearField("next_sequence")
        for page in book.pages:
            page.created_at.FromDatetime(now)
            self.fold.apply(state, page.event.type_url, page.event.value)
        if events:
            book.snapshot_state.Pack(state)
        return BusinessResponse(events=book)


def _parsed(kind: type[MessageT], value: bytes) -> MessageT:
    message = parse(kind, value)
    if message is None:
        raise InvalidCommandError(f"Malformed command: {kind.DESCRIPTOR.full_name}")
    return message


def as_list(result: object) -> list[Any]:
    """Return what a handler returned as a list: nothing, one message or several."""
    if result is None:
        return []
    return list(result) if isinstance(result, Sequence) else [result]
