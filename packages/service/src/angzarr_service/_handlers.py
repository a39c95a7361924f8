"""From bytes to a status: decode, deadline, work, and every error as its answer."""

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from angzarr import Method
from angzarr.types_pb2 import RpcStatus
from angzarr_access import Rules
from angzarr_defence import SMALL_BYTES, Entrance, InFlight, parse
from angzarr_ports import System, Worker
from angzarr_service._call import Call
from angzarr_service._errors import CallError, RequestError
from angzarr_service._status import DETAILS_KEY, passed_on, request_error, status_of
from angzarr_settings import LimitSettings
from angzarr_trust import Plaintext

GRACE_SECONDS = 0.1
HEAVY_BYTES = 1024 * 1024
INCIDENT = "request.incident"

AnswerT = TypeVar("AnswerT")
AskedT = TypeVar("AskedT")

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}
_LOG = logging.getLogger("angzarr.requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What one call may cost: bytes of a message, seconds asked for or taken as usual; `load`."""

    message_bytes: int
    longest_seconds: float
    usual_seconds: float
    load: LimitSettings


class Handlers:
    """Makes gRPC handlers of methods that take a message and a Call."""

    def __init__(
        self,
        limits: CallLimits,
        in_flight: InFlight,
        entrance: Entrance,
        worker: Worker,
        system: System,
    ) -> None:
        self._limits = limits
        self._in_flight = in_flight
        self._entrance = entrance
        self._worker = worker
        self._system = system
        self._trust = system.trust or Plaintext()
        self._access = system.access or Rules(())

    def of(
        self, method: Method[Any, Any], work: Callable[..., Any]
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return what answers `method` by `work`."""
        if method.server_streams and method.client_streams:
            return grpc.stream_stream_rpc_method_handler(self._many(method, work))
        if method.server_streams:
            return grpc.unary_stream_rpc_method_handler(self._stream(method, work))
        return grpc.unary_unary_rpc_method_handler(self._unary(method, work))

    def _unary(
        self, method: Method[Any, Any], work: Callable[[Message, Call], Awaitable[Message]]
    ) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def answer(data: bytes, context: Any) -> bytes:  # noqa: ANN401 - grpc's context
            async def encoded(sent: bytes, call: Call) -> bytes:
                return method.encode_reply(await work(await self._asked(method, sent, call), call))

            found = await self.answered(encoded, data, self._call(context))
            return await _abort(context, found) if isinstance(found, RpcStatus) else found

        return answer

    async def answered(
        self, work: Callable[[AskedT, Call], Awaitable[AnswerT]], request: AskedT, call: Call
    ) -> AnswerT | RpcStatus:
        """Return what `work` makes of a request, or the status that it is answered with."""
        try:
            with self._in_flight.call():
                await self._entrance.admit(call.peer, call.identity)
                async with asyncio.timeout(self._left(call)):
                    return await work(request, call)
        except Exception as error:  # noqa: BLE001 - the outermost wrapper of a request
            return self._status(error, call)

    def _stream(
        self, method: Method[Any, Any], work: Callable[[Message, Call], AsyncIterator[Message]]
    ) -> Callable[[bytes, Any], Awaitable[None]]:
        async def answer(data: bytes, context: Any) -> None:  # noqa: ANN401 - grpc's context
            async def replies(call: Call) -> AsyncGenerator[Message, None]:
                async for reply in work(await self._asked(method, data, call), call):
                    yield reply

            await self._answer(method, replies, context)

        return answer

    def _many(
        self, method: Method[Any, Any], work: Callable[..., AsyncGenerator[Message, None]]
    ) -> Callable[[AsyncIterator[bytes], Any], Awaitable[None]]:
        async def answer(requests: AsyncIterator[bytes], context: Any) -> None:  # noqa: ANN401 - grpc's context
            async def decoded(call: Call) -> AsyncIterator[Message]:
                with suppress(grpc.aio.BaseError):  # the server stops
                    async for data in requests:
                        yield await self._asked(method, data, call)

            await self._answer(method, lambda call: work(decoded(call), call), context)

        return answer

    async def _answer(
        self,
        method: Method[Any, Any],
        begin: Callable[[Call], AsyncGenerator[Message, None]],
        context: Any,  # noqa: ANN401 - grpc's context
    ) -> None:
        call, task = self._call(context), asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task
        try:
            with self._in_flight.stream(lambda: call.leave() if call.leave else task.cancel()):
                await self._entrance.admit(call.peer, call.identity)
                self.authorise(method, None, call)
                async with aclosing(begin(call)) as replies:
                    await self._write(method, replies, call, context)
        except asyncio.CancelledError:
            if not self._in_flight.draining:
                raise
            status = status_of(RequestError.closed())
        except Exception as error:  # noqa: BLE001 - the outermost wrapper of a request
            status = self._status(error, call)
        else:
            return
        await _abort(context, status)

    async def _write(
        self,
        method: Method[Any, Any],
        replies: AsyncIterator[Message],
        call: Call,
        context: Any,  # noqa: ANN401 - grpc's context
    ) -> None:
        """Write what comes, until the stream ends, its time is over or nobody takes it."""
        while True:
            async with asyncio.timeout(self._left(call)) as call.waiting:
                reply = await anext(replies, None)
            if reply is None:
                return
            async with asyncio.timeout(min(self._left(call), self._limits.load.stalled_seconds)):
                await context.write(method.encode_reply(reply))

    def authorise(self, method: Method[Any, Any], request: Message | None, call: Call) -> None:
        """Return if the caller may ask that; before there is a request, if it may ask anything.

        Raises:
            RequestError: PERMISSION_DENIED.
        """
        who = call.identity
        lacking = self._access.lacking(who, method.path, request) if who else ""
        if lacking:
            raise RequestError("PERMISSION_DENIED", f"{who} has no right to this: {lacking}")

    async def _asked(self, method: Method[Any, Any], data: bytes, call: Call) -> Message:
        request = await self._decoded(method, data)
        self.authorise(method, request, call)
        return request

    def _left(self, call: Call) -> float:
        return call.remaining(self._system.clock.monotonic()) + GRACE_SECONDS

    async def _decoded(self, method: Method[Any, Any], data: bytes) -> Message:
        name, limit = method.request.DESCRIPTOR.name, self._limits.message_bytes
        if len(data) > limit:
            raise RequestError.too_large(name, len(data), limit)
        try:
            kind, parts = method.request, self._limits.load.message_parts
            if len(data) <= SMALL_BYTES:
                message: Message = method.decode_request(data)
            else:
                task = asyncio.current_task()
                if task and len(data) > HEAVY_BYTES:  # gRPC leaves an ended call in a cycle
                    task.add_done_callback(lambda _: gc.collect())
                message = await self._worker.call(lambda: parse(kind, data, parts))
        except DecodeError as error:
            raise RequestError("INVALID_ARGUMENT", f"{name} cannot be decoded", field="") from error
        return message

    def _call(self, context: Any) -> Call:  # noqa: ANN401 - grpc's context
        left = context.time_remaining()
        seconds = self._limits.usual_seconds if left is None else left
        sent = dict(context.invocation_metadata() or ())
        call = self.begun(seconds, sent, context.peer(), self._trust.identity(context))
        call.response = context
        return call

    def begun(
        self, seconds: float, metadata: Mapping[str, Any], peer: str, identity: str | None
    ) -> Call:
        """Return a call that has just come from `peer` and waits so long."""
        now = self._system.clock.monotonic()
        return Call(
            deadline=now + min(seconds, self._limits.longest_seconds),
            latest=now + self._limits.load.stream_seconds,
            idempotency_key=str(metadata.get("idempotency-key", "")),
            peer=peer,
            identity=identity,
            metadata=metadata,
        )

    def _status(self, error: Exception, call: Call) -> RpcStatus:
        if isinstance(error, CallError):
            return passed_on(error)
        known = call.late() if isinstance(error, TimeoutError) else request_error(error)
        if known is None:
            incident = self._system.randomness.uuid4().hex[:8]
            _LOG.error(INCIDENT, extra={"incident": incident}, exc_info=error)
            outcome = "unknown" if call.acting else "not_applied"
            text = f"Internal error (incident {incident})"
            known = RequestError("INTERNAL", text, outcome=outcome)
        return status_of(known)


async def _abort(context: Any, status: RpcStatus) -> NoReturn:  # noqa: ANN401 - grpc's context
    details = ((DETAILS_KEY, status.SerializeToString()),) if status.details else ()
    code = _STATUS_CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    await context.abort(code, status.message, trailing_metadata=details)
    raise AssertionError("abort raises")
