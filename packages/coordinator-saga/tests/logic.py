"""Foreign logic and a foreign coordinator: grpcio and the protos, nothing else."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    CommandResponse,
    ContextualCommand,
    RevocationResponse,
    RevokeEventCommand,
    SagaExecuteRequest,
    SagaPrepareRequest,
    SagaPrepareResponse,
    SagaResponse,
)

Answer = Callable[[Any, Any], Any]


class Service(grpc.GenericRpcHandler):
    """Serves what its table holds at the time of a call; everything else is unimplemented."""

    def __init__(self) -> None:
        self.methods: dict[str, tuple[Any, Answer]] = {}
        self.garbage = b""

    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        name = handler_call_details.method.removeprefix("/angzarr.")
        found = self.methods.get(name)
        if found is None:
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
    """Records what it is told, or answers with the code that the word after `abort` names."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[ContextualCommand] = []
        self.copies = 1
        self.revoked: list[RevokeEventCommand] = []
        self.take_back: Callable[[Any], Any] = settled
        self.methods["Aggregate/Handle"] = ContextualCommand, self.handle

    async def handle(self, request: ContextualCommand, context: Any) -> BusinessResponse:
        """Answer one command."""
        self.asked.append(request)
        command = request.command.pages[0].command
        if command.Is(RevokeEventCommand.DESCRIPTOR):
            self.revoked.append(RevokeEventCommand.FromString(command.value))
            return await self.take_back(context)
        response = BusinessResponse()
        for _ in range(self.copies):
            response.events.pages.add(force=True).event.CopyFrom(command)
        if command.Is(StringValue.DESCRIPTOR):
            word, _, code = text_of(command).partition(" ")
            if word == "abort":
                await context.abort(grpc.StatusCode[code], f"Stock says {code}")
        return response


class SagaLogic(Service):
    """Reserves what was ordered; a test may decide otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[SagaPrepareRequest] = []
        self.executed: list[SagaExecuteRequest] = []
        self.covers: Callable[[Any], Any] = lambda _: []
        self.decide: Callable[[Any], Any] = reserve
        self.failures: list[grpc.StatusCode] = []
        self.gate: Any = None
        self.methods["Saga/Execute"] = SagaExecuteRequest, self.execute

    def serve_prepare(self, covers: Callable[[Any], Any]) -> None:
        """Ask for the roots that `covers` returns for an event."""
        self.covers = covers
        self.methods["Saga/Prepare"] = SagaPrepareRequest, self.prepare

    async def prepare(self, request: SagaPrepareRequest, context: Any) -> SagaPrepareResponse:
        """Name the destinations of one event."""
        self.prepared.append(request)
        await self.fail(context)
        return SagaPrepareResponse(destinations=self.covers(request.source))

    async def execute(self, request: SagaExecuteRequest, context: Any) -> SagaResponse:
        """Decide on one event."""
        self.executed.append(request)
        if self.gate is not None:
            await self.gate.wait()
        await self.fail(context)
        decided = self.decide(request)
        return decided if isinstance(decided, SagaResponse) else SagaResponse(commands=decided)

    async def fail(self, context: Any) -> None:
        """Answer with the next failure, if there is one."""
        if self.failures:
            await context.abort(self.failures.pop(0), "Saga says no")

    @property
    def seen(self) -> list[str]:
        """Return the texts of the events that were decided on."""
        return [text_of(request.source.pages[0].event) for request in self.executed]


class Target(Service):
    """A foreign coordinator that answers as it is told, then OK; what it gets are bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[bytes] = []
        self.answers: list[tuple[str, str]] = []
        self.usual = ("OK", "")
        self.gate: Any = None
        self.methods["AggregateCoordinator/Handle"] = Raw, self.handle

    async def handle(self, data: bytes, context: Any) -> CommandResponse:
        """Answer one command."""
        self.got.append(data)
        if self.gate is not None:
            await self.gate.wait()
        name, reason = self.answers.pop(0) if self.answers else self.usual
        if name == "OK":
            return CommandResponse(position=len(self.got))
        status = Status(code=grpc.StatusCode[name].value[0], message=f"Target says {name}")
        if reason:
            status.details.add().Pack(ErrorInfo(reason=reason, domain="angzarr"))
        details = (("grpc-status-details-bin", status.SerializeToString()),) if reason else ()
        return await context.abort(grpc.StatusCode[name], status.message, trailing_metadata=details)

    @property
    def books(self) -> list[CommandBook]:
        """Return the commands that came."""
        return [CommandBook.FromString(data) for data in self.got]


async def settled(_: Any) -> BusinessResponse:
    """Answer that nothing is to be taken back."""
    return BusinessResponse(revocation=RevocationResponse(abort=True, reason="settled"))


async def taken_back(_: Any) -> BusinessResponse:
    """Take the order back by an event."""
    response = BusinessResponse()
    response.events.pages.add(force=True).event.Pack(StringValue(value="cancelled"))
    return response


async def unimplemented(context: Any) -> BusinessResponse:
    """Answer as logic that knows nothing of revocations."""
    return await failing(context, "UNIMPLEMENTED")


async def overloaded(context: Any) -> BusinessResponse:
    """Answer in a way that may pass."""
    return await failing(context, "RESOURCE_EXHAUSTED")


async def failing(context: Any, code: str) -> BusinessResponse:
    """Answer with a status."""
    await context.abort(grpc.StatusCode[code], f"Order says {code}")
    raise AssertionError("abort raises")


def revoked(**flags: bool) -> Callable[[Any], Any]:
    """Return what refuses to take an order back."""

    async def answer(_: Any) -> BusinessResponse:
        return BusinessResponse(revocation=RevocationResponse(reason="not now", **flags))

    return answer


def refusing(request: SagaExecuteRequest) -> list[CommandBook]:
    """Return a command that is rejected, and one that is not; nothing for what was cancelled."""
    text = text_of(request.source.pages[0].event)
    if text == "cancelled":
        return []
    root = request.source.cover.root.value
    return [command("abort FAILED_PRECONDITION", root=root), command(f"go {text}", root=root)]


class Raw:
    """A message that stays bytes."""

    @staticmethod
    def FromString(data: bytes) -> bytes:  # noqa: N802 - named as on messages
        """Return the bytes."""
        return data


def text_of(message: Any) -> str:
    """Return what an event or a command says."""
    return StringValue.FromString(message.value).value


def reserve(request: SagaExecuteRequest) -> list[CommandBook]:
    """Return one command to the inventory, under the root of the event."""
    text = text_of(request.source.pages[0].event)
    return [command(f"reserve {text}", root=request.source.cover.root.value)]


def command(text: str, *, domain: str = "inventory", root: bytes = bytes(16)) -> CommandBook:
    """Return a command as saga logic decides it."""
    return CommandBook.to(domain, root, StringValue(value=text))
