"""Calls to peers: one channel per address, a deadline on every call."""

from collections.abc import AsyncGenerator
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from angzarr import Method
from angzarr.types_pb2 import RpcStatus
from angzarr_service._errors import CallError
from angzarr_service._status import DETAILS_KEY

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

REFUSED = "failed to connect to all addresses"
LIMIT_BYTES = 64 * 1024 * 1024

_OPTIONS = [
    ("grpc.max_receive_message_length", LIMIT_BYTES),
    ("grpc.max_send_message_length", LIMIT_BYTES),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.use_local_subchannel_pool", 1),
]


class Channels:
    """The channels of one process."""

    def __init__(self) -> None:
        self._open: dict[str, grpc.aio.Channel] = {}

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
            CallError: it answered with another status than OK, or not in time, or is unreachable.
        """
        invoke: grpc.aio.UnaryUnaryMultiCallable[RequestT, ReplyT] = self._channel(
            address
        ).unary_unary(method.path, method.encode, method.decode)
        try:
            return await invoke(request, timeout=timeout_seconds, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise _call_error(error) from error
        except DecodeError as error:
            status = RpcStatus(code=13, message="the reply cannot be decoded")
            raise CallError(status, b"", reached=True) from error

    async def stream(
        self,
        address: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float | None,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> AsyncGenerator[ReplyT, None]:
        """Yield the replies of the peer at `address`; without a timeout the stream stays open.

        Raises:
            CallError: it ended with another status than OK, or the peer is unreachable.
        """
        invoke: grpc.aio.UnaryStreamMultiCallable[RequestT, ReplyT] = self._channel(
            address
        ).unary_stream(method.path, method.encode, method.decode)
        call = invoke(request, timeout=timeout_seconds, metadata=metadata)
        try:
            async for reply in call:
                yield reply
        except grpc.aio.AioRpcError as error:
            raise _call_error(error) from error
        finally:
            call.cancel()

    async def aclose(self) -> None:
        """Close every channel."""
        for channel in self._open.values():
            await channel.close()
        self._open.clear()

    def _channel(self, address: str) -> grpc.aio.Channel:
        channel = self._open.get(address)
        if channel is None:
            channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
            self._open[address] = channel
        return channel


def _call_error(error: grpc.aio.AioRpcError) -> CallError:
    trailers = dict(error.trailing_metadata() or ())
    details = trailers.get(DETAILS_KEY, b"")
    status = RpcStatus(code=error.code().value[0], message=error.details() or "")
    refused = error.code() is grpc.StatusCode.UNAVAILABLE and REFUSED in status.message
    return CallError(
        status, details if isinstance(details, bytes) else details.encode(), reached=not refused
    )
