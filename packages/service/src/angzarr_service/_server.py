"""A gRPC server: decode, deadline, work, status; it drains before it stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

from angzarr import Method, rpc
from angzarr.types_pb2 import RpcStatus
from angzarr_ports import System
from angzarr_service._address import is_unix, socket_path
from angzarr_service._errors import CallError, RequestError
from angzarr_service._status import DETAILS_KEY, passed_on, request_error, status_of
from angzarr_settings import Settings

HEADROOM_BYTES = 2 * 1024 * 1024
GRACE_SECONDS = 0.1

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Where to listen and what a call may cost."""

    address: str
    message_bytes: int
    longest_seconds: float
    usual_seconds: float

    @staticmethod
    def of(settings: Settings) -> "ServerConfig":
        """Return the configuration that the settings of a process mean."""
        return ServerConfig(
            address=settings.listen,
            message_bytes=settings.limits.message_bytes,
            longest_seconds=settings.max_deadline,
            usual_seconds=settings.usual_deadline,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a request carries beside its message."""

    deadline: float
    idempotency_key: str

    def remaining(self, now: float) -> float:
        """Return the seconds that are left, at least 0."""
        return max(0.0, self.deadline - now)


class Server:
    """Serves objects whose methods are named as the methods of a service."""

    def __init__(self, config: ServerConfig, system: System) -> None:
        self._config = config
        self._system = system
        limit = config.message_bytes + HEADROOM_BYTES
        options = [
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", limit),
            ("grpc.max_send_message_length", limit),
            ("grpc.max_metadata_size", 8192),
        ]
        self._server = grpc.aio.server(options=options)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names = [""]
        self._streams: set[asyncio.Task[Any]] = set()
        self._draining = False

    def add(self, service: str, implementation: object) -> None:
        """Serve `service`; a method that the object lacks answers UNIMPLEMENTED."""
        handlers = {
            method.name: self._handler(method, getattr(implementation, method.name))
            for method in rpc.SERVICES[service]
            if hasattr(implementation, method.name)
        }
        generic = grpc.method_handlers_generic_handler(service, handlers)
        self._server.add_generic_rpc_handlers((generic,))
        self._names.append(service)

    async def start(self) -> str:
        """Listen; return the address, with the port that was chosen."""
        address = self._config.address
        if is_unix(address):
            path = socket_path(address)
            await asyncio.to_thread(lambda: path.unlink(missing_ok=True))
            self._server.add_insecure_port(address)
        else:
            port = self._server.add_insecure_port(address)
            address = f"{address.rpartition(':')[0]}:{port}"
        await self._server.start()
        if is_unix(address):
            await asyncio.to_thread(socket_path(address).chmod, 0o600)
        return address

    async def ready(self, *, serving: bool) -> None:
        """Tell the health service whether this process takes requests."""
        kinds = health_pb2.HealthCheckResponse
        for name in self._names:
            await self._health.set(name, kinds.SERVING if serving else kinds.NOT_SERVING)

    async def aclose(self, *, drain_seconds: float) -> None:
        """Take no new request, end the streams, let the calls in flight finish, stop."""
        await self.ready(serving=False)
        self._draining = True
        for stream in self._streams:
            stream.cancel()
        await self._server.stop(drain_seconds)

    def _handler(
        self, method: Method[Any, Any], work: Callable[..., Any]
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        if method.server_streams and method.client_streams:
            return grpc.stream_stream_rpc_method_handler(self._many(method, work))
        if method.server_streams:
            return grpc.unary_stream_rpc_method_handler(self._stream(method, work))
        return grpc.unary_unary_rpc_method_handler(self._unary(method, work))

    def _unary(
        self, method: Method[Any, Any], work: Callable[[Message, Call], Awaitable[Message]]
    ) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def answer(data: bytes, context: Any) -> bytes:  # noqa: ANN401 - grpc's context
            status = None
            try:
                call = self._call(context)
                request = self._decode(method, data)
                left = call.remaining(self._system.clock.monotonic())
                async with asyncio.timeout(left + GRACE_SECONDS):
                    return method.encode_reply(await work(request, call))
            except Exception as error:  # noqa: BLE001 - the outermost wrapper of a request
                status = self._status(error)
            await _abort(context, status)
            raise AssertionError

        return answer

    def _stream(
        self, method: Method[Any, Any], work: Callable[[Message, Call], AsyncIterator[Message]]
    ) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        async def answer(data: bytes, context: Any) -> AsyncIterator[bytes]:  # noqa: ANN401 - grpc's context
            def begin() -> AsyncIterator[Message]:
                return work(self._decode(method, data), self._call(context))

            async for reply in self._replies(method, begin, context):
                yield reply

        return answer

    def _many(
        self, method: Method[Any, Any], work: Callable[..., AsyncIterator[Message]]
    ) -> Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes]]:
        async def answer(
            requests: AsyncIterator[bytes],
            context: Any,  # noqa: ANN401 - grpc's context
        ) -> AsyncIterator[bytes]:
            decoded = (self._decode(method, data) async for data in requests)
            replies = self._replies(method, lambda: work(decoded, self._call(context)), context)
            async for reply in replies:
                yield reply

        return answer

    async def _replies(
        self,
        method: Method[Any, Any],
        begin: Callable[[], AsyncIterator[Message]],
        context: Any,  # noqa: ANN401 - grpc's context
    ) -> AsyncIterator[bytes]:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task
        self._streams.add(task)
        status = None
        try:
            async for reply in begin():
                yield method.encode_reply(reply)
        except asyncio.CancelledError:
            if not self._draining:
                raise
            text = "Stream closed; resume with after_position"
            status = status_of(RequestError("STREAM_CLOSED", text))
        except Exception as error:  # noqa: BLE001 - the outermost wrapper of a request
            status = self._status(error)
        finally:
            self._streams.discard(task)
        if status is not None:
            await _abort(context, status)

    def _decode(self, method: Method[Any, Any], data: bytes) -> Message:
        name, limit = method.request.DESCRIPTOR.name, self._config.message_bytes
        if len(data) > limit:
            text = f"{name} of {len(data)} bytes exceeds the limit of {limit} bytes"
            raise RequestError("MESSAGE_TOO_LARGE", text, limit=str(limit))
        try:
            message: Message = method.decode_request(data)
        except DecodeError as error:
            raise RequestError("INVALID_ARGUMENT", f"{name} cannot be decoded", field="") from error
        return message

    def _call(self, context: Any) -> Call:  # noqa: ANN401 - grpc's context
        left = context.time_remaining()
        seconds = self._config.usual_seconds if left is None else left
        now = self._system.clock.monotonic()
        sent = dict(context.invocation_metadata() or ())
        return Call(
            deadline=now + min(seconds, self._config.longest_seconds),
            idempotency_key=str(sent.get("idempotency-key", "")),
        )

    def _status(self, error: Exception) -> RpcStatus:
        if isinstance(error, CallError):
            return passed_on(error)
        if isinstance(error, TimeoutError):
            error = RequestError("DEADLINE", "Deadline exceeded; nothing was stored")
        known = request_error(error)
        if known is None:
            incident = self._system.randomness.uuid4().hex[:8]
            _report(incident, error)
            known = RequestError("INTERNAL", f"Internal error (incident {incident})")
        return status_of(known)


def _report(incident: str, error: Exception) -> None:
    logging.getLogger("angzarr").error("incident %s", incident, exc_info=error)


async def _abort(context: Any, status: RpcStatus) -> None:  # noqa: ANN401 - grpc's context
    details = ((DETAILS_KEY, status.SerializeToString()),) if status.details else ()
    code = _STATUS_CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    await context.abort(code, status.message, trailing_metadata=details)
