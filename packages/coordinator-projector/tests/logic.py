"""Foreign logic: grpcio and the protos, nothing else."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    ContextualCommand,
    EventBook,
    Projection,
    SyncEventBook,
)

Answer = Callable[[Any, Any], Any]


class Service(grpc.GenericRpcHandler):
    """Serves what its table holds at the time of a call; everything else is unimplemented."""

    def __init__(self) -> None:
        self.methods: dict[str, tuple[Any, Answer]] = {}
        self.garbage = b""
        self.missed: list[str] = []

    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        name = handler_call_details.method.removeprefix("/angzarr.")
        found = self.methods.get(name)
        if found is None:
            self.missed.append(name)
            return None
        request, answer = found
        return grpc.unary_unary_rpc_method_handler(answer, request.FromString, self.encoded)

    def encoded(self, reply: Any) -> bytes:
        """Return the bytes of an answer."""
        return self.garbage or reply.SerializeToString()

    async def start(self, address: str) -> Any:
        """Serve at an address."""
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", 64 << 20)])
        server.add_generic_rpc_handlers((self,))
        server.add_insecure_port(address)
        await server.start()
        return server


class AggregateLogic(Service):
    """Records what it is told, as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[ContextualCommand] = []
        self.copies = 1
        self.methods["Aggregate/Handle"] = ContextualCommand, self.handle

    async def handle(self, request: ContextualCommand, _context: Any) -> BusinessResponse:
        """Answer one command."""
        self.asked.append(request)
        response = BusinessResponse()
        for _ in range(self.copies):
            event = response.events.pages.add(force=True).event
            event.CopyFrom(request.command.pages[0].command)
        return response


class ProjectorLogic(Service):
    """Projects the text of an event; a test may want something else."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[EventBook] = []
        self.modes: list[int] = []
        self.project: Callable[[EventBook], Projection] = text_projection
        self.failing: Callable[[str], bool] = lambda _: False
        self.failures: list[grpc.StatusCode] = []
        self.gates: dict[str, Any] = {}
        self.methods["Projector/Handle"] = EventBook, self.handle

    def serve_as_coordinator(self) -> None:
        """Serve the other of the two services only."""
        self.methods.pop("Projector/Handle", None)
        self.methods["ProjectorCoordinator/HandleSync"] = SyncEventBook, self.handle_sync

    async def handle(self, book: EventBook, context: Any) -> Projection:
        """Project one event."""
        self.shown.append(book)
        text = text_of(book.pages[0].event)
        if text in self.gates:
            await self.gates[text].wait()
        if self.failing(text):
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Projector says no")
        if self.failures:
            await context.abort(self.failures.pop(0), "Projector says no")
        return self.project(book)

    async def handle_sync(self, request: SyncEventBook, context: Any) -> Projection:
        """Project one event, as the service of a coordinator."""
        self.modes.append(request.sync_mode)
        return await self.handle(request.events, context)

    @property
    def seen(self) -> list[str]:
        """Return the texts of the events that were shown."""
        return [text_of(book.pages[0].event) for book in self.shown]


def text_of(message: Any) -> str:
    """Return what an event or a command says."""
    return StringValue.FromString(message.value).value


def text_projection(book: EventBook) -> Projection:
    """Return a projection that says what the event says."""
    projection = Projection()
    projection.projection.CopyFrom(book.pages[0].event)
    return projection


def command(text: str, *, domain: str = "order", root: bytes = bytes(16)) -> CommandBook:
    """Return a command that leads to an event with the same text."""
    return CommandBook.to(domain, root, StringValue(value=text))
