"""A saga's logic: an event becomes commands to other domains."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from google.protobuf.message import Message

from angzarr.types_pb2 import (
    CommandBook,
    ComponentDescriptor,
    Cover,
    EventBook,
    GetDescriptorRequest,
    SagaExecuteRequest,
    SagaPrepareRequest,
    SagaPrepareResponse,
    SagaResponse,
    Target,
)
from angzarr_client._command import as_list
from angzarr_client._errors import LogicError, UndeclaredOutputError
from angzarr_client._event import Delivered
from angzarr_client._registry import Registering, Registry, outcome
from angzarr_service import Call

RootsOf = Callable[..., Iterable[UUID]]


class SagaRouter(Registering):
    """One function per event type of the source domain; serves angzarr.Saga.

    It is `(event, context) -> CommandBook | list | None`.
    """

    kind = "saga"
    service = "angzarr.Saga"

    def __init__(self, name: str, *, source: str) -> None:
        self.name = name
        self._source = source
        self._registry = Registry(0, "first")
        self._outputs: list[Target] = []
        self._reads: list[tuple[str, RootsOf]] = []

    def sends(self, domain: str, *commands: type[Message]) -> "SagaRouter":
        """Declare what is sent where; anything else is refused."""
        types = [command.DESCRIPTOR.full_name for command in commands]
        self._outputs.append(Target(domain=domain, types=types))
        return self

    def reads(self, domain: str, roots_of: RootsOf) -> "SagaRouter":
        """Declare which roots of `domain` are read: `roots_of(event, context)` names them."""
        self._reads.append((domain, roots_of))
        return self

    @property
    def descriptor(self) -> ComponentDescriptor:
        """Return what this component is, reads and sends."""
        target = Target(domain=self._source, types=self._registry.types)
        return ComponentDescriptor(
            name=self.name, component_type=self.kind, inputs=[target], outputs=self._outputs
        )

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return self.descriptor

    async def Prepare(self, request: SagaPrepareRequest, _: Call) -> SagaPrepareResponse:  # noqa: N802 - the name on the wire
        """Return the roots that the events make the saga read."""
        covers: list[Cover] = []
        for event in Delivered.each(self.name, request.source, self._registry):
            for domain, roots_of in self._reads:
                covers += [
                    Cover().address(domain, root) for root in roots_of(event.message, event.context)
                ]
        return SagaPrepareResponse(destinations=covers)

    async def Execute(self, request: SagaExecuteRequest, _: Call) -> SagaResponse:  # noqa: N802 - the name on the wire
        """Return the commands that the events lead to."""
        try:
            return SagaResponse(commands=await self.decide(request.source, request.destinations))
        except LogicError as error:
            raise error.as_call_error() from error

    async def decide(
        self, source: EventBook, destinations: Sequence[EventBook] = ()
    ) -> list[CommandBook]:
        """Return the commands that the events of a book lead to, with its correlation id.

        Raises:
            UndeclaredOutputError: one of them is not among `.sends`.
            LogicError: a handler says so.
        """
        commands: list[CommandBook] = []
        for event in Delivered.each(self.name, source, self._registry, destinations):
            decided = as_list(await outcome(event.handler.invoke(event.message, event.context)))
            for command in decided:
                self._check(command.cover.domain, command.type_url, command.type_name)
                command.cover.correlation_id = source.cover.correlation_id
            commands += decided
        return commands

    def _check(self, domain: str, type_url: str, name: str) -> None:
        if not any(output.covers(domain, type_url) for output in self._outputs):
            raise UndeclaredOutputError(self.name, domain, name)
