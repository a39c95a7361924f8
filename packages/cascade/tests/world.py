"""Subscribers that answer as they are told; grpcio and the protos, nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from typing_extensions import override

from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr.progress_pb2 import AwaitRequest, AwaitResponse
from angzarr.types_pb2 import (
    CommandOutcome,
    CommandResult,
    ComponentOutcome,
    ComponentResult,
    EventBook,
    Projection,
    SyncEventBook,
    SyncMode,
)
from angzarr_cascade import Cascade
from angzarr_discovery import Component, Interest
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import Channels

ROOT = bytes(range(16))
APPLIED = ComponentResult.COMPONENT_RESULT_APPLIED
ACCEPTED = CommandResult.COMMAND_RESULT_ACCEPTED


class Subscriber(grpc.GenericRpcHandler):
    """A component; it answers from the table `methods`, everything else is unimplemented."""

    def __init__(self, name: str, kind: str, *inputs: str) -> None:
        self.name = name
        self.kind = kind
        self.inputs = inputs
        self.asked: list[tuple[str, int]] = []
        self.books: list[EventBook] = []
        self.sends: dict[int, list[CommandOutcome]] = {}
        self.failures: list[grpc.StatusCode] = []
        self.gate: Any = None
        self.methods: dict[str, tuple[Any, Callable[..., Any]]] = {
            "/angzarr.Progress/Await": (AwaitRequest, self.wait)
        }

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        found = self.methods.get(handler_call_details.method)
        if found is None:
            return None
        return grpc.unary_unary_rpc_method_handler(
            found[1], found[0].FromString, lambda reply: reply.SerializeToString()
        )

    async def wait(self, request: AwaitRequest, context: Any) -> AwaitResponse:
        """Say that an append is applied, with the commands it led to."""
        self.asked.append((request.domain, request.position))
        if self.failures:
            await context.abort(self.failures.pop(0), "no")
        if self.gate is not None:
            await self.gate.wait()
        outcome = ComponentOutcome(
            component=self.name,
            component_type=self.kind,
            result=APPLIED,
            domain=request.domain,
            position=request.position,
            commands=self.sends.get(request.position, []),
        )
        response = AwaitResponse(outcome=outcome)
        if self.kind == "projector":
            response.projection.projector = self.name
        return response

    def be_foreign(self, reason: str = "") -> None:
        """Serve as the coordinator of a foreign projector, or refuse with a reason."""

        async def handle_sync(request: SyncEventBook, context: Any) -> Projection:
            self.books.append(request.events)
            if reason:
                await refuse(context, reason)
            return Projection()

        self.methods = {"/angzarr.ProjectorCoordinator/HandleSync": (SyncEventBook, handle_sync)}


class Owner(grpc.GenericRpcHandler):
    """The log of a domain, each append of one event."""

    def __init__(self, domain: str) -> None:
        self.domain = domain

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a read of the feed."""
        return grpc.unary_stream_rpc_method_handler(
            self.read, FeedRequest.FromString, lambda reply: reply.SerializeToString()
        )

    async def read(self, request: FeedRequest, _: Any) -> Any:
        """Yield the appends behind a position."""
        first, last = request.after_position + 1, request.after_position + request.max_pages
        books = [book(self.domain, it) for it in range(first, last + 1)]
        yield FeedBatch(after_position=first - 1, last_position=last, books=books, head=last)


class World:
    """Subscribers behind addresses, and who follows appends at them."""

    def __init__(self, system: System, directory: Path) -> None:
        self.system = system
        self.directory = directory
        self.channels = Channels()
        self.known: list[Component] = []
        self._servers: list[Any] = []

    async def add(self, *subscribers: Subscriber, asynchronous: bool = False) -> None:
        """Start subscribers."""
        for it in subscribers:
            await self.serve(it.name, it)
            self.know(it.name, it.kind, *it.inputs, asynchronous=asynchronous)

    async def own(self, domain: str) -> None:
        """Start the owner of a domain."""
        await self.serve(f"{domain}-log", Owner(domain))
        address = f"unix:{self.directory / domain}-log.sock"
        owner = Component(name=domain, kind="aggregate", domain=domain, addresses=(address,))
        self.known.append(owner)

    def know(self, name: str, kind: str, *inputs: str, asynchronous: bool = False) -> None:
        """Let discovery know a component, be it there or not."""
        self.known.append(
            Component(
                name=name,
                kind=kind,
                domain="",
                addresses=(f"unix:{self.directory / name}.sock",),
                inputs=tuple(Interest(domain=it) for it in inputs),
                asynchronous=asynchronous,
            )
        )

    async def serve(self, name: str, handler: grpc.GenericRpcHandler) -> None:
        """Start a server."""
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((handler,))
        server.add_insecure_port(f"unix:{self.directory / name}.sock")
        await server.start()
        self._servers.append(server)

    async def follow(
        self, mode: str = "CASCADE", *, position: int = 1, seconds: float = 20
    ) -> Sequence[AwaitResponse]:
        """Return what became of an append of the domain order."""
        discovery = await StaticDiscovery.open(tuple(self.known), self.system)
        cascade = Cascade(Replicas(discovery, self.channels, self.system.clock), self.system)
        until = self.system.clock.monotonic() + seconds
        wanted = SyncMode.Value(f"SYNC_MODE_{mode}")
        return await cascade.follow(book("order", position), wanted, until)

    async def aclose(self) -> None:
        """Stop everything."""
        await self.channels.aclose()
        for server in self._servers:
            await server.stop(None)
        await self.system.tasks.aclose()


def book(domain: str, position: int) -> EventBook:
    """Return an append of one event."""
    made = EventBook()
    made.cover.address(domain, ROOT)
    made.pages.add(num=position - 1, position=position, command_id=f"c{position}")
    return made


def sent(domain: str, position: int) -> CommandOutcome:
    """Return a command that was accepted, and stored events when the position is not 0."""
    outcome = CommandOutcome(result=ACCEPTED, position=position)
    outcome.cover.address(domain, ROOT)
    return outcome


async def refuse(context: Any, reason: str) -> None:
    """Refuse as a coordinator of ours does."""
    code = grpc.StatusCode.NOT_FOUND if reason != "PARKED" else grpc.StatusCode.FAILED_PRECONDITION
    status = Status(code=code.value[0], message="Parked as p:order:1")
    info = ErrorInfo(reason=reason, domain="angzarr", metadata={"id": "p:order:1"})
    status.details.add().Pack(info)
    details = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, status.message, trailing_metadata=details)


def told(found: Sequence[AwaitResponse]) -> list[tuple[str, str, int, str]]:
    """Return component, domain, position and result of each answer."""
    prefix = "COMPONENT_RESULT_"
    results = {value: name.removeprefix(prefix) for name, value in ComponentResult.items()}
    return [
        (it.component, it.domain, it.position, results[it.result])
        for it in (answer.outcome for answer in found)
    ]
