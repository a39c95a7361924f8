"""A foreign client: the reference protocol, field numbers 1 to 99, and plain grpcio."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from angzarr_logic_conformance import message_class, reference_pool

OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
]


POOL = reference_pool()

CommandBook = message_class("CommandBook")
EventBook = message_class("EventBook")
Query = message_class("Query")
BusinessResponse = message_class("BusinessResponse")
ContextualCommand = message_class("ContextualCommand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a client can see of an answer that is not OK."""

    code: str
    text: str
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


def refusal(code: str, text: str, reason: str, /, **metadata: str) -> Refusal:
    """Return a refusal of the framework; one without a known outcome applied nothing."""
    told = {"outcome": "not_applied", **metadata}
    return Refusal(code=code, text=text, reason=reason, metadata=told)


def status_of(error: grpc.aio.AioRpcError) -> Status:
    """Return the details that travel in the trailers."""
    trailers = dict(error.trailing_metadata() or ())
    return Status.FromString(trailers.get("grpc-status-details-bin", b""))


async def failure(call: Awaitable[object]) -> grpc.aio.AioRpcError:
    """Return the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def refused(call: Awaitable[object]) -> Refusal:
    """Return the refusal that a call ends with; status and details agree."""
    error = await failure(call)
    status, info = status_of(error), ErrorInfo()
    code, text = error.code().name, str(error.details())
    for detail in status.details:
        if detail.Unpack(info):
            assert (info.domain, status.message) == ("angzarr", text)
            assert status.code == error.code().value[0]
    return Refusal(code=code, text=text, reason=info.reason, metadata=dict(info.metadata))


async def broken_off(stream: AsyncIterator[Any]) -> tuple[list[Any], grpc.aio.AioRpcError]:
    """Return what a stream brings before it fails, and its failure."""
    received: list[Any] = []

    async def receive() -> None:
        async for reply in stream:
            received.append(reply)  # noqa: PERF401 - what came before the failure is kept

    return received, await failure(receive())


class Client:
    """Calls methods by their names; requests may be bytes."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.aio.insecure_channel(address, options=OPTIONS)

    async def call(
        self, method: str, request: Any, *, timeout_seconds: float | None = 10, metadata: Any = ()
    ) -> Any:
        """Return the reply of a unary method."""
        invoke = self.channel.unary_unary(f"/angzarr.{method}", encoded, reply_of(method))
        return await invoke(request, timeout=timeout_seconds, metadata=metadata)

    async def execute(self, book: Any, *, key: str = "", **options: Any) -> Any:
        """Send a command, with an idempotency key if one is given."""
        metadata = [("idempotency-key", key)] if key else []
        return await self.call("CommandGateway/Execute", book, metadata=metadata, **options)

    async def ask(self, method: str, *queries: Any, **options: Any) -> list[Any]:
        """Return the books that a method of EventQuery answers with."""
        name = f"EventQuery/{method}"
        match method:
            case "GetEventBook":
                return [await self.call(name, queries[0], **options)]
            case "GetEvents":
                return [book async for book in self.stream(name, queries[0], **options)]
        return [book async for book in self.synchronize(*queries, **options)]

    def stream(
        self, method: str, request: Any, *, timeout_seconds: float | None = 10
    ) -> AsyncIterator[Any]:
        """Return the replies of a method that streams them, as they come."""
        invoke = self.channel.unary_stream(f"/angzarr.{method}", encoded, reply_of(method))
        return invoke(request, timeout=timeout_seconds)

    def synchronize(self, *queries: Any, timeout_seconds: float | None = 10) -> AsyncIterator[Any]:
        """Return the answers to a stream of queries, as they come."""
        name = "EventQuery/Synchronize"
        invoke = self.channel.stream_stream(f"/angzarr.{name}", encoded, reply_of(name))
        return invoke(iter(queries), timeout=timeout_seconds)

    async def aclose(self) -> None:
        """Close the channel."""
        await self.channel.close()


def encoded(request: Message | bytes) -> bytes:
    """Return the bytes of a request."""
    return request if isinstance(request, bytes) else request.SerializeToString()


def reply_of(method: str) -> Any:
    """Return what decodes the reply of a method."""
    service, _, name = method.partition("/")
    found = POOL.FindServiceByName(f"angzarr.{service}").FindMethodByName(name)
    return GetMessageClass(found.output_type).FromString


def command(text: str, *, domain: str = "order", root: bytes = b"", sequence: int = 0) -> Any:
    """Return a command that says `text` to the logic."""
    book = CommandBook()
    book.cover.domain = domain
    book.cover.root.value = root or bytes(range(16))
    book.pages.add(sequence=sequence).command.Pack(StringValue(value=text))
    return book


def query(domain: str = "order", *, root: bytes = b"", correlation: str = "") -> Any:
    """Return a query by root or by correlation id."""
    asked = Query()
    asked.cover.domain = domain
    asked.cover.correlation_id = correlation
    if root:
        asked.cover.root.value = root
    return asked


def words(book: Any) -> list[str]:
    """Return what the events of a book say."""
    return [StringValue.FromString(page.event.value).value for page in book.pages]
