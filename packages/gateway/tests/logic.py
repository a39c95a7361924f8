"""Foreign logic of an aggregate: grpcio, one method, no descriptor; told by words what to do."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.status_pb2 import Status

from .foreign import BusinessResponse, ContextualCommand

PAGES_TOO_MANY = 1001
PAGE_TOO_LARGE = 512 * 1024
REPLY_TOO_LARGE = 3 * 1024 * 1024


class Logic:
    """Records what it is told unless the first word of a command means something else."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.garbage = b""
        self.called = asyncio.Event()
        self.released = asyncio.Event()

    async def handle(self, request: Any, context: Any) -> Any:
        """Answer one command."""
        self.asked.append(request)
        self.called.set()
        text = StringValue.FromString(request.command.pages[0].command.value).value
        word, _, rest = text.partition(" ")
        if word in FAILURES:
            await FAILURES[word](context, rest)
        if word == "hold":
            await self.released.wait()
        response = BusinessResponse()
        if word == "unset":
            return response
        REPLIES.get(word, says)(response, text)
        number(response, len(request.events.pages))
        return response

    async def start(self, address: str) -> grpc.aio.Server:
        """Serve at an address."""
        method = grpc.unary_unary_rpc_method_handler(
            self.handle, ContextualCommand.FromString, self.encoded
        )
        service = grpc.method_handlers_generic_handler("angzarr.Aggregate", {"Handle": method})
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((service,))
        server.add_insecure_port(address)
        await server.start()
        return server

    def encoded(self, response: Any) -> bytes:
        """Return the bytes of an answer."""
        return self.garbage or response.SerializeToString()


def number(response: Any, base: int) -> None:
    """Number the pages that have no number of their own, as foreign logic counts them."""
    for index, page in enumerate(response.events.pages):
        if page.WhichOneof("sequence") is None:
            page.num = base + index


def says(response: Any, text: str) -> None:
    """Record one event."""
    response.events.pages.add().event.Pack(StringValue(value=text))


def nothing(response: Any, _text: str) -> None:
    """Accept without an event."""
    response.events.SetInParent()


def many(response: Any, text: str) -> None:
    """Record as many events as the text names."""
    for index in range(int(text.split()[1])):
        says(response, f"{text} {index}")


def padded(response: Any, text: str) -> None:
    """Record an event of as many bytes as the text names."""
    says(response, "x" * int(text.split()[1]))


def revoke(response: Any, text: str) -> None:
    """Refuse by a revocation with the flags that the text names."""
    revocation = response.revocation
    revocation.reason = "gone"
    for flag in text.split()[1:]:
        setattr(revocation, flag, True)


def misnumber(response: Any, text: str) -> None:
    """Number an event wrongly."""
    response.events.pages.add(num=7).event.Pack(StringValue(value=text))


def elsewhere(response: Any, text: str) -> None:
    """Answer for another domain."""
    says(response, text)
    response.events.cover.domain = "cart"


def astray(response: Any, text: str) -> None:
    """Answer for another root."""
    says(response, text)
    response.events.cover.root.value = bytes(16)


def hollow(response: Any, _text: str) -> None:
    """Answer with a page that has no event."""
    response.events.pages.add()


def untyped(response: Any, _text: str) -> None:
    """Answer with an event that has no type."""
    response.events.pages.add().event.value = b"x"


def too_much(response: Any, text: str) -> None:
    """Answer with more bytes than a reply may have."""
    for _ in range(7):
        says(response, "x" * (PAGE_TOO_LARGE - 1024))
    assert response.ByteSize() > REPLY_TOO_LARGE, text


async def abort(context: Any, code: str) -> None:
    """Answer with a code."""
    await context.abort(grpc.StatusCode[code], f"Logic says {code}")


async def abort_with_details(context: Any, code: str) -> None:
    """Answer with a code and details of its own."""
    status = Status(code=grpc.StatusCode[code].value[0], message="in detail")
    status.details.add(type_url="type.example/shop.Stock", value=b"\x08\x07")
    details = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(grpc.StatusCode[code], status.message, trailing_metadata=details)


async def crash(_context: Any, _rest: str) -> None:
    """Fail as code with a fault does."""
    raise ValueError("a secret")


async def hang(_context: Any, _rest: str) -> None:
    """Never answer."""
    await asyncio.Event().wait()


FAILURES: dict[str, Callable[[Any, str], Any]] = {
    "abort": abort,
    "detailed": abort_with_details,
    "crash": crash,
    "hang": hang,
}
REPLIES: dict[str, Callable[[Any, str], None]] = {
    "nothing": nothing,
    "many": many,
    "padded": padded,
    "revoke": revoke,
    "misnumber": misnumber,
    "elsewhere": elsewhere,
    "astray": astray,
    "hollow": hollow,
    "untyped": untyped,
    "too-much": too_much,
}
