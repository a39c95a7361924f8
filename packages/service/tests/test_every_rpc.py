"""What every RPC answers alike, whoever serves it (contract.md §4.0)."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo

from angzarr import Method, rpc
from angzarr.types_pb2 import RpcStatus
from angzarr_ports import System
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings
from angzarr_store import FencedError

BYTES = 1000
METHODS = {
    it.path.removeprefix("/angzarr."): it for methods in rpc.SERVICES.values() for it in methods
}
Act = Callable[[], Awaitable[None]]
Answer = tuple[str, str, str]


class Served:
    """A service of one method, which does what a test says and never replies."""

    def __init__(self, method: Method[Any, Any], act: Act) -> None:
        self.act, self.asked = act, asyncio.Event()
        work = self._stream if method.server_streams else self._unary
        setattr(self, method.name, work)

    async def _unary(self, _: Message, __: Call) -> Message:
        self.asked.set()
        await self.act()
        raise AssertionError("an act ends in an error")

    async def _stream(self, asked: Any, _: Call) -> AsyncIterator[Message]:
        if isinstance(asked, AsyncIterator):
            await anext(asked)
        yield await self._unary(asked, _)


class Caller:
    """Calls one method with raw bytes."""

    def __init__(self, method: Method[Any, Any], channel: Any) -> None:
        self._method, self._channel = method, channel

    async def ask(self, data: bytes = b"") -> Answer:
        """Return code, text and reason of the refusal."""
        try:
            await self._call(data)
        except grpc.aio.AioRpcError as error:
            trailers, info = dict(error.trailing_metadata() or ()), ErrorInfo()
            details = RpcStatus.FromString(trailers["grpc-status-details-bin"]).details
            details[0].Unpack(info)
            return error.code().name, str(error.details()), str(info.reason)
        raise AssertionError("it was answered")

    async def _call(self, data: bytes) -> None:
        path, streams = self._method.path, self._method.server_streams
        if self._method.client_streams:
            both = self._channel.stream_stream(path)()
            await both.write(data)
            await both.read()
        elif streams:
            await self._channel.unary_stream(path)(data).read()
        else:
            await self._channel.unary_unary(path)(data)


async def hang() -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


async def bug() -> None:
    """Fail as nobody expected."""
    raise KeyError("a secret")


async def fenced() -> None:
    """Fail as one whose epoch is over."""
    raise FencedError("Coordinator of domain order", 3)


@pytest.fixture(params=list(METHODS.values()), ids=list(METHODS))
def method(request: pytest.FixtureRequest) -> Method[Any, Any]:
    """Return each method of each service in turn."""
    return request.param  # type: ignore[no-any-return]  # pytest does not know its type


@pytest.fixture
def serving(method: Method[Any, Any], run_directory: Path, system: System) -> Any:
    """Serve the method on a socket."""

    @asynccontextmanager
    async def serve(act: Act, **bounds: Any) -> AsyncIterator[tuple[Served, Caller, Server]]:
        limits = CallLimits(
            message_bytes=BYTES,
            longest_seconds=9,
            usual_seconds=bounds.pop("usual_seconds", 5),
            load=replace(LimitSettings(), **bounds),
        )
        config = ServerConfig(address=f"unix:{run_directory}/s.sock", limits=limits)
        server, served = Server(config, system), Served(method, act)
        server.add(method.service, served)
        async with (
            server.serving(drain_seconds=0) as address,
            grpc.aio.insecure_channel(address) as channel,
        ):
            yield served, Caller(method, channel), server

    return serve


async def test_what_cannot_be_a_request(serving: Any, method: Method[Any, Any]) -> None:
    """Garbage is the caller's mistake; so is a message above the limit; nobody is asked."""
    name = method.request.DESCRIPTOR.name
    garbage = ("INVALID_ARGUMENT", f"{name} cannot be decoded", "INVALID_ARGUMENT")
    size = f"{name} of {BYTES + 1} bytes exceeds the limit of {BYTES} bytes"

    async with serving(bug) as (served, caller, _):
        assert await caller.ask(b"\xff\xff") == garbage
        assert await caller.ask(b"x" * (BYTES + 1)) == (
            "RESOURCE_EXHAUSTED",
            size,
            "MESSAGE_TOO_LARGE",
        )
        assert not served.asked.is_set()


async def test_a_late_answer(serving: Any) -> None:
    """A deadline that passes before anything began says that nothing was stored."""
    async with serving(hang, usual_seconds=0.01) as (_, caller, _):
        text = "Deadline exceeded; nothing was stored"
        assert await caller.ask() == ("DEADLINE_EXCEEDED", text, "DEADLINE")


async def test_errors_of_ours(serving: Any) -> None:
    """A bug leaks its incident only; who is fenced says so."""
    async with serving(bug) as (served, caller, _):
        code, text, reason = await caller.ask()
        assert (code, reason) == ("INTERNAL", "INTERNAL")
        assert re.fullmatch(r"Internal error \(incident [0-9a-f]{8}\)", text)
        served.act = fenced
        text = "Coordinator of domain order is fenced: epoch 3 is superseded"
        assert await caller.ask() == ("UNAVAILABLE", text, "FENCED")


async def test_no_room_and_no_more_work(serving: Any) -> None:
    """One call above the limit is refused at once, and so is one that comes during the drain."""
    ended = asyncio.Event()

    async def hold() -> None:
        with suppress(asyncio.CancelledError):  # a drain asks streams to end
            await ended.wait()
        await ended.wait()

    async with serving(hold, calls=1) as (served, caller, server), asyncio.TaskGroup() as group:
        group.create_task(caller.ask())
        await served.asked.wait()
        text = "Too many requests in flight"
        assert await caller.ask() == ("RESOURCE_EXHAUSTED", text, "OVERLOADED")

        group.create_task(server.aclose(drain_seconds=10))
        async with asyncio.timeout(5):
            while (answer := await caller.ask())[2] == "OVERLOADED":
                pass
        assert answer == ("UNAVAILABLE", "Not ready: draining", "NOT_READY")
        ended.set()
