"""Rules are asked before anybody works, whichever way a call comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from typing_extensions import override

from angzarr import Method, rpc
from angzarr.types_pb2 import CommandBook, CommandResponse, Cover, EventBook, Query, RpcStatus
from angzarr_access import CLASSES, Class, Rule, Rules
from angzarr_link import LinkedChannels, serve_linked
from angzarr_ports import System, Trust
from angzarr_service import Call, CallError, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings

METHODS = {
    it.path.removeprefix("/angzarr."): it for methods in rpc.SERVICES.values() for it in methods
}
LIMITS = CallLimits(message_bytes=1000, longest_seconds=9, usual_seconds=9, load=LimitSettings())
EMPTY = ("", "")


class Known(Trust):
    """Everybody is the component that the test says."""

    def __init__(self, name: str) -> None:
        self.name = name

    @override
    def server_credentials(self, address: str) -> None:
        return

    @override
    def channel_credentials(self, address: str) -> None:
        return

    @override
    def identity(self, context: Any) -> str:
        return self.name


class Served:
    """A service of one method, which replies with nothing."""

    def __init__(self, method: Method[Any, Any]) -> None:
        self.asked = 0
        self._reply = method.reply
        work = self._unary if not method.server_streams else self._stream
        setattr(self, method.name, self._many if method.client_streams else work)

    async def _unary(self, _: Message, __: Call) -> Message:
        self.asked += 1
        reply: Message = self._reply()
        return reply

    async def _stream(self, asked: Message, call: Call) -> AsyncIterator[Message]:
        yield await self._unary(asked, call)

    async def _many(self, asked: AsyncIterator[Message], call: Call) -> AsyncIterator[Message]:
        async for each in asked:
            yield await self._unary(each, call)


def rules(*classes: Class, domain: str = "*") -> Rules:
    """Return rules for the component `saga`."""
    made = Rule(identity="saga", domains=frozenset([domain]), classes=frozenset(classes))
    return Rules([made] if classes else [])


async def answer(method: Method[Any, Any], channel: Any) -> tuple[str, str]:
    """Ask with an empty message; return code and reason of the answer, empty for a reply."""
    try:
        if method.client_streams:
            both = channel.stream_stream(method.path)()
            await both.write(b"")
            await both.read()
        elif method.server_streams:
            await channel.unary_stream(method.path)(b"").read()
        else:
            await channel.unary_unary(method.path)(b"")
    except grpc.aio.AioRpcError as error:
        details, info = dict(error.trailing_metadata() or ()), ErrorInfo()
        RpcStatus.FromString(details["grpc-status-details-bin"]).details[0].Unpack(info)
        return error.code().name, str(info.reason)
    return EMPTY


@pytest.fixture(params=list(METHODS.values()), ids=list(METHODS))
def method(request: pytest.FixtureRequest) -> Method[Any, Any]:
    """Return each method of each service in turn."""
    return request.param  # type: ignore[no-any-return]  # pytest does not know its type


@asynccontextmanager
async def asking(
    method: Method[Any, Any], place: Path, system: System
) -> AsyncIterator[tuple[Served, Any]]:
    """Serve one method, and yield who asks it."""
    config = ServerConfig(address=f"unix:{place}/s.sock", limits=LIMITS)
    server, served = Server(config, system), Served(method)
    server.add(method.service, served)
    async with (
        server.serving(drain_seconds=0) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield served, channel


async def test_a_right_is_that_of_its_class(
    method: Method[Any, Any], run_directory: Path, system: System
) -> None:
    """An RPC is answered with its class and denied with all others; nobody works for the denied."""
    mine = CLASSES[method.path]
    access = rules(*(it for it in Class if it is not mine))
    known = replace(system, trust=Known("saga"), access=access)
    async with asking(method, run_directory, known) as (served, channel):
        denied, worked = await answer(method, channel), served.asked
        access.replace([Rule(identity="saga", domains=frozenset(["*"]), classes=frozenset([mine]))])
        allowed = await answer(method, channel)

    assert (denied, worked) == (("PERMISSION_DENIED", "PERMISSION_DENIED"), 0)
    assert (allowed, served.asked) == (EMPTY, 1)


@pytest.mark.parametrize("method", [rpc.EventQuery.Synchronize, rpc.CoordinatorLink.Open])
async def test_a_stream_is_not_opened_without_a_right(
    method: Method[Any, Any], run_directory: Path, system: System
) -> None:
    """Who may ask nothing in a stream is told so before it asks."""
    known = replace(system, trust=Known("saga"), access=rules(Class.COMMAND))
    async with asking(method, run_directory, known) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.stream_stream(method.path)(timeout=9).read()

    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_this_machine_needs_no_rule(run_directory: Path, system: System) -> None:
    """Who is known by the kernel may everything; who has a certificate nothing without rules."""
    method, found = rpc.EventQuery.GetEventBook, []
    for name in ("", "saga"):
        known = replace(system, trust=Known(name))
        async with asking(method, run_directory, known) as (_, channel):
            found.append(await answer(method, channel))

    assert found == [EMPTY, ("PERMISSION_DENIED", "PERMISSION_DENIED")]


class Owner:
    """angzarr.AggregateCoordinator and angzarr.EventQuery, which count."""

    def __init__(self) -> None:
        self.commands = self.queries = 0

    async def Handle(self, _: CommandBook, __: Call) -> CommandResponse:  # noqa: N802 - the name on the wire
        """Count a command."""
        self.commands += 1
        return CommandResponse()

    async def GetEventBook(self, _: Query, __: Call) -> EventBook:  # noqa: N802 - the name on the wire
        """Count a question."""
        self.queries += 1
        return EventBook()


@pytest.mark.parametrize("is_off", [True, False], ids=["alone", "linked"])
async def test_a_call_within_a_link_is_as_one_alone(
    is_off: bool,  # noqa: FBT001 - a parameter of a test
    run_directory: Path,
    system: System,
) -> None:
    """Whoever may open a link may not ask in it what it may not ask alone."""
    known = replace(
        system, trust=Known("saga"), access=rules(Class.COMPONENT, Class.READ, domain="order")
    )
    server, owner = (
        Server(ServerConfig(address=f"unix:{run_directory}/s", limits=LIMITS), known),
        Owner(),
    )
    works = {"angzarr.AggregateCoordinator": owner, "angzarr.EventQuery": owner}
    serve_linked(server, known, works, limit_calls=9)
    channels = LinkedChannels(known, limit_bytes=1000, is_off=is_off)
    found: list[str] = []
    async with server.serving(drain_seconds=0) as address:
        for domain in ("order", "order", "stock"):
            cover = Cover(domain=domain)
            for way, request in (
                (rpc.AggregateCoordinator.Handle, CommandBook(cover=cover)),
                (rpc.EventQuery.GetEventBook, Query(cover=cover)),
            ):
                found.append(await text_of(channels, address, way, request))
        await channels.aclose()

    text = "saga has no right to this: class {} on domain stock"
    assert found == [*[""] * 4, text.format("component"), text.format("read")]
    assert (owner.commands, owner.queries) == (2, 2)


async def text_of(
    channels: LinkedChannels, address: str, way: Method[Any, Any], request: Message
) -> str:
    """Return the text of a refusal, empty for an answer."""
    try:
        await channels.call(address, way, request, timeout_seconds=9)
    except CallError as error:
        return error.status.message
    return ""
