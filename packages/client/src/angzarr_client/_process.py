"""A process manager's logic: events of several domains become events, commands and timers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from google.protobuf.message import Message

from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessManagerPrepareRequest,
    ProcessManagerPrepareResponse,
    ProcessTimeout,
)
from angzarr.types_pb2 import (
    CommandBook,
    ComponentDescriptor,
    Cover,
    EventBook,
    GetDescriptorRequest,
    Target,
)
from angzarr_client._errors import LogicError, UndeclaredOutputError
from angzarr_client._event import Delivered
from angzarr_client._fold import StateRouter
from angzarr_client._registry import Function, FunctionT, Registering, Registry, outcome, place
from angzarr_service import Call

RootsOf = Callable[..., Iterable[UUID]]
Due = datetime | timedelta
TIMEOUT = ProcessTimeout.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a process does about an event; a timer is due at a time, or so long after now."""

    events: Sequence[Message] = ()
    commands: Sequence[CommandBook] = ()
    arm: Mapping[str, Due] = field(default_factory=dict)
    disarm: Sequence[str] = ()


class ProcessRouter(Registering):
    """One function per event type of several domains; serves angzarr.ProcessManager.

    It is `(event, state, context) -> Decision | None`.
    """

    kind = "process_manager"
    service = "angzarr.ProcessManager"

    def __init__(self, name: str, fold: StateRouter) -> None:
        self.name = name
        self.fold = fold
        self._registry = Registry(0, "first", fold.state)
        self._timers: dict[str, Function] = {}
        self._inputs: list[Target] = []
        self._outputs: list[Target] = []
        self._reads: list[tuple[str, RootsOf]] = []
        self._registry.add(self._timed_out, ProcessTimeout)

    def listens(self, domain: str, *events: type[Message]) -> "ProcessRouter":
        """Declare which events of `domain` are wanted; with no types all that have a handler."""
        types = [event.DESCRIPTOR.full_name for event in events]
        self._inputs.append(Target(domain=domain, types=types))
        return self

    def sends(self, domain: str, *commands: type[Message]) -> "ProcessRouter":
        """Declare what is sent where; anything else is refused."""
        types = [command.DESCRIPTOR.full_name for command in commands]
        self._outputs.append(Target(domain=domain, types=types))
        return self

    def reads(self, domain: str, roots_of: RootsOf) -> "ProcessRouter":
        """Declare which roots of `domain` are read: `roots_of(event, state, context)`."""
        self._reads.append((domain, roots_of))
        return self

    def on_timer(self, name: str) -> Callable[[FunctionT], FunctionT]:
        """Register what happens when the timer `name` fires; its event is a ProcessTimeout.

        Raises:
            TypeError: the timer has a handler.
        """

        def register(function: FunctionT) -> FunctionT:
            if name in self._timers:
                text = f'{place(function)} handles the timer "{name}", which already has a handler.'
                raise TypeError(text)
            self._timers[name] = function
            return function

        return register

    @property
    def descriptor(self) -> ComponentDescriptor:
        """Return what this component is, reads and sends."""
        handled = [it for it in self._registry.types if it != TIMEOUT]
        inputs = [Target(domain=it.domain, types=it.types or handled) for it in self._inputs]
        return ComponentDescriptor(
            name=self.name, component_type=self.kind, inputs=inputs, outputs=self._outputs
        )

    async def GetDescriptor(self, _: GetDescriptorRequest, __: Call) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return the descriptor."""
        return self.descriptor

    async def Prepare(  # noqa: N802 - the name on the wire
        self, request: ProcessManagerPrepareRequest, _: Call
    ) -> ProcessManagerPrepareResponse:
        """Return the roots that the new events make the process read."""
        state = self.fold.fold(request.process_state)
        covers: list[Cover] = []
        for event in self._new(request.trigger, request.new_from):
            for domain, roots_of in self._reads:
                roots = roots_of(event.message, state, event.context)
                covers += [Cover().address(domain, root) for root in roots]
        return ProcessManagerPrepareResponse(destinations=covers)

    async def Handle(  # noqa: N802 - the name on the wire
        self, request: ProcessManagerHandleRequest, _: Call
    ) -> ProcessManagerHandleResponse:
        """Return what the new events lead to."""
        try:
            return await self.decide(request)
        except LogicError as error:
            raise error.as_call_error() from error

    async def decide(self, request: ProcessManagerHandleRequest) -> ProcessManagerHandleResponse:
        """Return what the new events of a trigger lead to, one after the other.

        Raises:
            UndeclaredOutputError: a command is not among `.sends`.
            LogicError: a handler says so.
        """
        state = self.fold.fold(request.process_state)
        response = ProcessManagerHandleResponse()
        book = response.process_events
        book.next_sequence = request.process_state.next_page_number
        for event in self._new(request.trigger, request.new_from, request.destinations):
            decision = await outcome(event.handler.invoke(event.message, state, event.context))
            if isinstance(decision, Decision):
                self._take(decision, response, request.trigger.cover.correlation_id)
                for page in book.pages[len(book.pages) - len(decision.events) :]:
                    self.fold.apply(state, page.event.type_url, page.event.value)
        book.ClearField("next_sequence")
        return response

    def _new(
        self, trigger: EventBook, first: int, destinations: Sequence[EventBook] = ()
    ) -> Iterator[Delivered]:
        """Yield what is new in a trigger; a coordinator that says nothing shows all of it."""
        pages = [page for page in trigger.pages if page.num >= first]
        book = EventBook(cover=trigger.cover, pages=pages)
        return Delivered.each(self.name, book, self._registry, destinations)

    def _take(
        self, decision: Decision, response: ProcessManagerHandleResponse, correlation: str
    ) -> None:
        response.process_events.record(*decision.events)
        for command in decision.commands:
            self._check(command)
            command.cover.correlation_id = correlation
        response.commands.extend(decision.commands)
        response.cancelled_timers.extend(decision.disarm)
        for name, due in decision.arm.items():
            timer = response.timers.add(timer_type=name)
            if isinstance(due, timedelta):
                timer.after.FromTimedelta(due)
            else:
                timer.deadline.FromDatetime(due)

    def _timed_out(self, timeout: ProcessTimeout, state: Message, context: object) -> object:
        handler = self._timers.get(timeout.timeout_type)
        return handler(timeout, state, context) if handler else None

    def _check(self, command: CommandBook) -> None:
        domain = command.cover.domain
        if not any(output.covers(domain, command.type_url) for output in self._outputs):
            raise UndeclaredOutputError(self.name, domain, command.type_name)
