"""Calls to peers: one channel per address, a deadline on every call."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from angzarr import Method
from angzarr.types_pb2 import RpcStatus
from angzarr_defence import SMALL_BYTES, is_unix, parse, socket_path
from angzarr_ports import CallFailedError, Transport, Trust
from angzarr_service._call import OPENED
from angzarr_service._errors import CallError, Fault, RequestError
from angzarr_service._status import DETAILS_KEY, status_of
from angzarr_store import RefusedError
from angzarr_trust import Plaintext

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE = 4, 13, 14
REFUSED = "failed to connect to all addresses"
LATE = "Deadline Exceeded"
RECEIVED_BYTES = 64 * 1024 * 1024
REPLY_PARTS = 250_000
USUAL_BYTES = 4 * 1024 * 1024
DEAD_AFTER = 3
NO_TLS = "Beyond this machine TLS is needed; set tls.certificate, tls.key and tls.authority"

# gRPC gives the transport's own failures the code of an answer; only their words differ.
_TRANSPORT = re.compile(
    r"failed to connect to all addresses|connections to all backends failing|dns resolution failed"
    r"|stream removed|socket closed|connection (reset|refused|aborted|timed out)|broken pipe"
    r"|(recv|send)msg: ?|goaway received|cancelling all calls|keepalive watchdog|too_many_pings"
    r"|transport (closed|is closing)|channel (closed|shutdown)|endpoint (closing|shutdown)"
    r"|handshaker? |end of tcp stream|fd shutdown|empty address list|upstream connect error",
    re.IGNORECASE,
)
_OPTIONS = [
    ("grpc.max_receive_message_length", RECEIVED_BYTES),
    ("grpc.max_send_message_length", RECEIVED_BYTES),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.use_local_subchannel_pool", 1),
]


class _Line:
    """A channel, how many calls use it, and how many in a row met silence."""

    def __init__(
        self, channel: grpc.aio.Channel, credentials: grpc.ChannelCredentials | None
    ) -> None:
        self.channel = channel
        self.credentials = credentials
        self.calls = self.silences = 0


class Channels:
    """The channels of one process; `limit_bytes` is how large a request may be.

    Rule: reliability.md N44: gRPC reconnects in the background while calls fail at once; a channel
    whose calls met silence three times in a row is replaced. Without `trust` only peers on this
    machine are called.
    """

    def __init__(
        self,
        *,
        limit_bytes: int = USUAL_BYTES,
        transport: Transport | None = None,
        trust: Trust | None = None,
    ) -> None:
        self._limit_bytes = limit_bytes
        self._transport = transport
        self._trust = trust or Plaintext(is_insecure=transport is not None)
        self._open: dict[str, _Line] = {}

    async def call(
        self,
        address: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> ReplyT:
        """Return the reply of the peer at `address`.

        Raises:
            CallError: it answered with another status than OK, not in time or not with a message,
                is unreachable, or the request is too large to be sent.
        """
        data = self._encoded(method, request)
        async with self._channel(address) as channel:
            invoke: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
                method.path
            )
            reply = await invoke(data, timeout=timeout_seconds, metadata=metadata)
            return await _decoded(method, reply)

    async def stream(
        self,
        address: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float | None,
    ) -> AsyncGenerator[ReplyT, None]:
        """Yield the replies of the peer at `address`; without a timeout the stream stays open.

        Raises:
            CallError: as of `call`.
        """
        data = self._encoded(method, request)
        async with self._channel(address) as channel:
            ask: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(method.path)
            call = ask(data, timeout=timeout_seconds, metadata=())
            try:
                async for reply in call:
                    yield await _decoded(method, reply)
            finally:
                call.cancel()

    @asynccontextmanager
    async def opened(
        self, address: str, method: Method[RequestT, ReplyT], request: RequestT
    ) -> AsyncIterator[AsyncIterator[ReplyT]]:
        """Enter once the peer at `address` says that the stream is open, else with its first reply.

        Raises:
            CallError: it refused, which may look like headers first; or, later, the replies ended
                with another status than OK.
        """
        data = self._encoded(method, request)
        async with self._channel(address) as channel:
            ask: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(method.path)
            call = ask(data)
            try:
                replies, headers = _replies(method, call), await call.initial_metadata()
                if OPENED not in tuple(headers):
                    replies = _following(await anext(replies, None), replies)
                yield replies
            finally:
                call.cancel()

    @asynccontextmanager
    async def exchange(
        self, address: str, method: Method[RequestT, ReplyT]
    ) -> AsyncIterator[tuple[Callable[[RequestT], Awaitable[None]], AsyncIterator[ReplyT]]]:
        """Enter a stream both ways: what sends a message, and the replies; they say how it ends.

        Raises:
            CallError: as of `opened`.
        """
        async with self._channel(address) as channel:
            ask: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
            ask = channel.stream_stream(method.path)
            call = ask()

            async def send(message: RequestT) -> None:
                with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                    await call.write(method.encode(message))

            try:
                yield send, _replies(method, call)
            finally:
                call.cancel()

    async def connect(self, address: str) -> None:
        """Return when the peer at `address` accepts a connection; an OSError says it does not."""
        if self._transport is not None:
            return await self._transport.connect(address)
        if is_unix(address):
            _, writer = await asyncio.open_unix_connection(socket_path(address))
        else:
            host, _, port = address.rpartition(":")
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        return writer.close()

    async def aclose(self) -> None:
        """Close every channel."""
        for line in self._open.values():
            await line.channel.close()
        self._open.clear()

    def _encoded(self, method: Method[RequestT, ReplyT], request: RequestT) -> bytes:
        data = method.encode(request)
        if len(data) > self._limit_bytes:
            name = request.DESCRIPTOR.name
            status = status_of(RequestError.too_large(name, len(data), self._limit_bytes))
            raise CallError(status, status.SerializeToString(), reached=False)
        return data

    @asynccontextmanager
    async def _channel(self, address: str) -> AsyncIterator[grpc.aio.Channel]:
        line = self._line(address)
        line.calls += 1
        try:
            yield line.channel
            line.silences = 0
        except (grpc.aio.AioRpcError, CallFailedError, DecodeError) as error:
            failed = _call_error(error)
            line.silences = line.silences + 1 if failed.fault is Fault.SILENCE else 0
            if line.silences >= DEAD_AFTER and self._open.get(address) is line:
                del self._open[address]
            raise failed from error
        finally:
            line.calls -= 1
            if not line.calls and self._open.get(address) is not line:
                await line.channel.close()

    def _line(self, address: str) -> _Line:
        """Return the open channel to an address, a new one when what it has to show is new."""
        try:
            credentials = self._trust.channel_credentials(address)
        except RefusedError as error:
            status = RpcStatus(code=UNAVAILABLE, message=NO_TLS)
            raise CallError(status, b"", reached=False, fault=Fault.SILENCE) from error
        line = self._open.get(address)
        if line is None or line.credentials is not credentials:
            line = self._open[address] = _Line(self._dialled(address, credentials), credentials)
        return line

    def _dialled(
        self, address: str, credentials: grpc.ChannelCredentials | None
    ) -> grpc.aio.Channel:
        if self._transport is not None:
            other: grpc.aio.Channel = self._transport.channel(address)
            return other
        if credentials is None:
            return grpc.aio.insecure_channel(address, options=_OPTIONS)
        return grpc.aio.secure_channel(address, credentials, options=_OPTIONS)


async def _replies(
    method: Method[RequestT, ReplyT], call: AsyncIterable[bytes]
) -> AsyncGenerator[ReplyT, None]:
    try:
        async for reply in call:
            yield await _decoded(method, reply)
    except (grpc.aio.AioRpcError, DecodeError) as error:
        raise _call_error(error) from error


async def _following(
    first: ReplyT | None, rest: AsyncGenerator[ReplyT, None]
) -> AsyncGenerator[ReplyT, None]:
    if first is not None:
        yield first
        async for reply in rest:
            yield reply


async def _decoded(method: Method[RequestT, ReplyT], data: bytes) -> ReplyT:
    if len(data) <= SMALL_BYTES:
        return method.decode(data)
    return await asyncio.to_thread(parse, method.reply, data, REPLY_PARTS)


def _call_error(error: grpc.aio.AioRpcError | CallFailedError | DecodeError) -> CallError:
    if isinstance(error, DecodeError):
        status = RpcStatus(code=INTERNAL, message="the reply cannot be decoded")
        return CallError(status, b"", reached=True, fault=Fault.GARBAGE)
    failed = error if isinstance(error, CallFailedError) else _failed(error)
    fault = Fault.NONE if failed.details else _fault(failed.code, failed.message)
    return CallError(
        RpcStatus(code=failed.code, message=failed.message),
        failed.details,
        reached=not (fault is Fault.SILENCE and REFUSED in failed.message),
        fault=fault,
    )


def _failed(error: grpc.aio.AioRpcError) -> CallFailedError:
    details = dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b"")
    encoded = details if isinstance(details, bytes) else details.encode()
    return CallFailedError(error.code().value[0], error.details() or "", encoded)


def _fault(code: int, text: str) -> Fault:
    if code == UNAVAILABLE and _TRANSPORT.match(text):
        return Fault.SILENCE
    if code == DEADLINE_EXCEEDED and LATE in text:
        return Fault.LATENESS
    return Fault.NONE
