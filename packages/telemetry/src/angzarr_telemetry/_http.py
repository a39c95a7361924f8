"""A small HTTP server and client for what operators ask: read-only, one request per connection."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from angzarr_telemetry._request import RefusedRequestError, Request

HEAD_BYTES = 8192
ANSWER_BYTES = 16 * 1024 * 1024
REQUEST_SECONDS = 5.0
CONNECTIONS = 32
PRIVATE_UMASK = 0o177
BACKLOG = 64
JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"

_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_HEADERS = (
    "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route returns; `parts` follow the body as they come, until they or the caller end."""

    status: int
    body: bytes
    content_type: str = TEXT_TYPE
    parts: AsyncGenerator[bytes, None] | None = None


Route = Callable[[Mapping[str, str]], Awaitable[Answer]]
Welcome = Callable[[str, int, int], bool]


class HttpServer:
    """Answers GET and HEAD of the paths that it knows; a route gets the parameters of the query.

    `welcome` is asked for host and port of a TCP caller and the port that it called; it may block.
    """

    def __init__(self, routes: Mapping[str, Route], welcome: Welcome) -> None:
        self._routes = routes
        self._welcome = welcome
        self._hosts: frozenset[str] | None = None
        self._open = 0

    @asynccontextmanager
    async def serving(self, address: str) -> AsyncIterator[str]:
        """Listen at unix:PATH or HOST:PORT while the body runs; yield it with the port chosen.

        Raises:
            OSError: the address cannot be used.
        """
        host, _, port = address.rpartition(":")
        if address.startswith("unix:"):
            listening = await asyncio.to_thread(_bound, address.removeprefix("unix:"))
            server = await asyncio.start_unix_server(self._serve, sock=listening, limit=HEAD_BYTES)
        else:
            self._hosts = frozenset({"localhost", host.strip("[]").lower()})
            server = await asyncio.start_server(
                self._serve, host.strip("[]"), int(port), limit=HEAD_BYTES, backlog=BACKLOG
            )
            address = f"{host}:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield address

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= CONNECTIONS:
                async with asyncio.timeout(2 * REQUEST_SECONDS) as patience:
                    await self._answer(reader, writer, patience)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self._open -= 1
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: asyncio.Timeout
    ) -> None:
        method = "GET"
        try:
            await self._admit(writer)
            request = Request.of(await _head(reader), self._hosts)
            method = request.method
            answer = await self._routes.get(request.path, _nothing)(request.query)
        except RefusedRequestError as error:
            answer = Answer(status=error.status, body=f"{error.why}\n".encode())
        writer.write(_encoded(answer, method))
        await writer.drain()
        if answer.parts is not None and method == "GET":
            patience.reschedule(None)
            async with aclosing(answer.parts) as parts:
                async for part in parts:
                    writer.write(part)
                    async with asyncio.timeout(REQUEST_SECONDS):
                        await writer.drain()

    async def _admit(self, writer: asyncio.StreamWriter) -> None:
        if self._hosts is None:  # a Unix socket, which its mode guards
            return
        host, port, *_ = writer.get_extra_info("peername")
        called = writer.get_extra_info("sockname")[1]
        if not await asyncio.to_thread(self._welcome, host, port, called):
            raise RefusedRequestError(403, "only the user who runs this process may ask it")


async def get(address: str, path: str, *, timeout_seconds: float) -> tuple[int, bytes]:
    """Return status and body of a path at unix:PATH or HOST:PORT.

    Raises:
        OSError: nothing usable answers there; TimeoutError is one.
    """
    async with asyncio.timeout(timeout_seconds):
        if address.startswith("unix:"):
            reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            answer = await reader.read(ANSWER_BYTES)
            while more := await reader.read(ANSWER_BYTES - len(answer)):
                answer += more
        finally:
            writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    try:
        return int(head.split(b" ", 2)[1]), body
    except (IndexError, ValueError) as error:
        raise OSError(f"{address} does not speak HTTP") from error


async def _nothing(_query: Mapping[str, str]) -> Answer:
    return Answer(status=404, body=b"there is nothing here\n")


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise RefusedRequestError(431, "the request is too long") from error
    except TimeoutError as error:
        raise RefusedRequestError(408, "the request did not come in time") from error


def _encoded(answer: Answer, method: str) -> bytes:
    allow = "Allow: GET, HEAD\r\n" * (answer.status == 405)  # noqa: PLR2004 - the status that needs it
    length = "" if answer.parts else f"Content-Length: {len(answer.body)}\r\n"
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\n{_HEADERS}{allow}"
        f"Content-Type: {answer.content_type}\r\n{length}\r\n"
    )
    return head.encode() + (answer.body if method == "GET" else b"")


def _bound(path: str) -> socket.socket:
    """Return a socket that only this user may open, in the place of a stale one."""
    listening = socket.socket(socket.AF_UNIX)
    with suppress(FileNotFoundError):
        Path(path).unlink()
    before = os.umask(PRIVATE_UMASK)
    try:
        listening.bind(path)
    finally:
        os.umask(before)
    return listening
