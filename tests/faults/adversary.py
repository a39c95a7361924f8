"""Logic that crashes, hangs and lies: grpcio and the protos, nothing else."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.types_pb2 import BusinessResponse, ContextualCommand, RpcStatus

SECRET = "hunter2-dsn-postgres"  # noqa: S105 - what must not leave is made to look like it
DETAILS_KEY = "grpc-status-details-bin"
HUGE_BYTES = 5 * 1024 * 1024
MANY, MILLION = 1001, 1_000_000

Reply = BusinessResponse | bytes
Answer = Callable[[ContextualCommand, Any], Reply | Awaitable[Reply]]
Behaviour = Callable[[BusinessResponse, ContextualCommand], None]


def good(request: ContextualCommand, _context: Any = None) -> BusinessResponse:
    """Return one event that says what the command says."""
    response = BusinessResponse()
    page = response.events.pages.add(num=request.events.next_sequence)
    page.event.CopyFrom(request.command.pages[0].command)
    return response


def told(change: Behaviour) -> Answer:
    """Return an answer that is good but for one change."""

    def answer(request: ContextualCommand, _context: Any) -> BusinessResponse:
        response = good(request)
        change(response, request)
        return response

    return answer


def failing(code: grpc.StatusCode, text: str, details: bytes = b"") -> Answer:
    """Return an answer with a status, and details that may be anything."""

    async def answer(_request: ContextualCommand, context: Any) -> BusinessResponse:
        trailing = ((DETAILS_KEY, details),) if details else ()
        await context.abort(code, text, trailing_metadata=trailing)
        raise AssertionError("abort raises")

    return answer


def crash(_request: ContextualCommand, _context: Any) -> BusinessResponse:
    """Fail with a text that is nobody's business."""
    raise ValueError(SECRET)


async def hang(_request: ContextualCommand, _context: Any) -> BusinessResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def many(response: BusinessResponse, request: ContextualCommand) -> None:
    """Answer with more pages than are allowed."""
    first = request.events.next_sequence
    for at in range(1, MANY):
        page = response.events.pages.add(num=first + at)
        page.event.CopyFrom(request.command.pages[0].command)


def spoiled_second(response: BusinessResponse, request: ContextualCommand) -> None:
    """Add a second page without an event."""
    response.events.pages.add(num=request.events.next_sequence + 1)


def endless(_request: ContextualCommand, _context: Any) -> bytes:
    """Return a million pages in four megabytes: books of a reply are one book."""
    one = BusinessResponse()
    one.events.pages.add()
    return one.SerializeToString() * MILLION


def broken_text(request: ContextualCommand, _context: Any) -> bytes:
    """Return a reply whose domain is no UTF-8."""
    response = good(request)
    response.events.cover.domain = "order"
    return response.SerializeToString().replace(b"order", b"\xff\xferde", 1)


def broken_reason() -> bytes:
    """Return details whose ErrorInfo cannot be decoded."""
    status = RpcStatus(code=5, message="no")
    status.details.add(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff\xff")
    return status.SerializeToString()


def page_of(response: BusinessResponse) -> Any:
    """Return the one page of a good reply."""
    return response.events.pages[0]


REFUSED: dict[str, Answer] = {
    "crash": crash,
    "hang": hang,
    "too many pages": told(many),
    "a million pages": endless,
    "wrong root": told(lambda it, _: setattr(it.events.cover.root, "value", bytes([9]) * 16)),
    "short root": told(lambda it, _: setattr(it.events.cover.root, "value", b"x")),
    "wrong domain": told(lambda it, _: setattr(it.events.cover, "domain", "stock")),
    "a NUL in the domain": told(lambda it, _: setattr(it.events.cover, "domain", "order\0")),
    "wrong number": told(lambda it, _: setattr(page_of(it), "num", 7)),
    "the last number": told(lambda it, _: setattr(page_of(it), "num", 2**32 - 1)),
    "huge page": told(lambda it, _: setattr(page_of(it).event, "value", bytes(HUGE_BYTES))),
    "no event": told(lambda it, _: page_of(it).ClearField("event")),
    "empty type": told(lambda it, _: setattr(page_of(it).event, "type_url", "")),
    "bad second page": told(spoiled_second),
    "undecodable": lambda _request, _context: b"\xff" * 64,
    "torn": lambda request, _: good(request).SerializeToString()[:-3],
    "broken text": broken_text,
    "revoked": told(lambda it, _: setattr(it.revocation, "reason", "gone")),
    "revoked, to the system": told(
        lambda it, _: setattr(it.revocation, "emit_system_revocation", True)
    ),
    "revoked, to the letters": told(
        lambda it, _: setattr(it.revocation, "send_to_dead_letter_queue", True)
    ),
    "revoked, escalated": told(lambda it, _: setattr(it.revocation, "escalate", True)),
    "revoked, aborted": told(lambda it, _: setattr(it.revocation, "abort", True)),
    "garbage details": failing(grpc.StatusCode.ABORTED, "no", b"\xff\xff\xff"),
    "garbage details of a refusal": failing(
        grpc.StatusCode.FAILED_PRECONDITION, "no", b"\xff\xff\xff"
    ),
    "details that say OK": failing(
        grpc.StatusCode.FAILED_PRECONDITION, "no", RpcStatus(message="yes").SerializeToString()
    ),
    "a broken reason": failing(grpc.StatusCode.NOT_FOUND, "no", broken_reason()),
    "huge text": failing(grpc.StatusCode.INTERNAL, "x" * 100_000),
    "huge text of a refusal": failing(grpc.StatusCode.NOT_FOUND, "y" * 5_000),
    "secret": failing(grpc.StatusCode.UNKNOWN, SECRET),
    **{
        f"answer {code.name}": failing(code, "no")
        for code in grpc.StatusCode
        if code is not grpc.StatusCode.OK
    },
}

ACCEPTED: dict[str, Answer] = {
    "no page": lambda _request, _context: BusinessResponse(),
    "no page in a book": told(lambda it, _: it.events.ClearField("pages")),
    "own position": told(lambda it, _: setattr(page_of(it), "position", 2**40)),
    "own command id": told(lambda it, _: setattr(page_of(it), "command_id", "mine")),
    "own time": told(lambda it, _: setattr(page_of(it).created_at, "seconds", 253402300799)),
    "own edition": told(lambda it, _: setattr(it.events.cover.edition, "name", "other")),
    "own snapshot": told(lambda it, _: setattr(it.events.snapshot, "sequence", 99)),
    "another answer each time": told(
        lambda it, _: page_of(it).event.Pack(StringValue(value=str(id(it))))
    ),
}


class Adversary(grpc.GenericRpcHandler):
    """Aggregate logic that does what the text of a command names, and is good otherwise.

    An honest one is good whatever the text says.
    """

    def __init__(self, path: Path, *, is_honest: bool = False) -> None:
        self._path = path
        self._answers = {} if is_honest else {**REFUSED, **ACCEPTED}
        self._server: Any = None
        self.calls: Counter[str] = Counter()

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        if handler_call_details.method != "/angzarr.Aggregate/Handle":
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._handle, ContextualCommand.FromString, encoded
        )

    async def start(self) -> None:
        """Serve."""
        self._server = grpc.aio.server(options=[("grpc.max_send_message_length", 64 << 20)])
        self._server.add_generic_rpc_handlers((self,))
        self._server.add_insecure_port(f"unix:{self._path}")
        await self._server.start()

    async def stop(self) -> None:
        """Serve no more."""
        await self._server.stop(None)

    async def _handle(self, request: ContextualCommand, context: Any) -> Reply:
        name = StringValue.FromString(request.command.pages[0].command.value).value
        self.calls[name] += 1
        answer = self._answers.get(name, good)(request, context)
        return answer if isinstance(answer, BusinessResponse | bytes) else await answer


def encoded(reply: Reply) -> bytes:
    """Return the bytes of a reply, which may be none of ours."""
    return reply if isinstance(reply, bytes) else reply.SerializeToString()


class Impostor:
    """Something else in the place of logic: it speaks no HTTP/2."""

    def __init__(self, path: Path, manner: str) -> None:
        self._path = path
        self._manner = manner
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0

    async def start(self) -> None:
        """Listen where logic listened."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):
            await self._behave(reader, writer)
        self._tasks.discard(task)
        writer.transport.abort()

    async def _behave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._manner == "silent":
            await asyncio.Event().wait()
        if self._manner == "resets":
            await reader.read(64)
        if self._manner == "slow headers":
            for byte in b"\0\0\0\4\0\0\0\0\0" * 100:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.2)
        while self._manner == "endless":
            writer.write(b"\x5a" * 65536)
            await writer.drain()


IMPOSTORS = ("silent", "resets", "slow headers", "endless")
