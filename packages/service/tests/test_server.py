"""What a server of ours answers, and how it ends."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from angzarr.types_pb2 import EventBook, Query, RpcStatus
from angzarr_ports import System
from angzarr_service import CallLimits, RequestError, Server, ServerConfig
from angzarr_settings import LimitSettings
from angzarr_store import RefusedError

SERVING, NOT_SERVING = (
    health_pb2.HealthCheckResponse.SERVING,
    health_pb2.HealthCheckResponse.NOT_SERVING,
)


async def refusal(call: Any) -> tuple[str, str, str]:
    """Return code, text and reason of a failing call."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    trailers = dict(caught.value.trailing_metadata() or ())
    info = ErrorInfo()
    if "grpc-status-details-bin" in trailers:
        RpcStatus.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(info)
    return caught.value.code().name, str(caught.value.details()), str(info.reason)


async def health(world: Any, service: str = "") -> int:
    """Return the health of a service."""
    stub = health_pb2_grpc.HealthStub(world.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    return int(answer.status)


async def test_a_deadline_is_the_callers_but_capped(world: Any) -> None:
    """None given means the usual one; too long a one is shortened."""
    for options in ({}, {"timeout": 100}, {"timeout": 5}):
        await world.ask(**options)

    first, *others = (call.deadline for call in world.queries.calls)
    assert [it - first for it in others] == [pytest.approx(8.5, abs=2), pytest.approx(4.5, abs=2)]


async def test_work_that_takes_too_long_is_answered(world: Any) -> None:
    """The server ends the call itself, without an effect that anybody would have to fear."""

    async def hang(_: Query) -> EventBook:
        await asyncio.Event().wait()
        raise AssertionError

    world.queries.act = hang

    answer = await refusal(world.ask())

    text = "Deadline exceeded; nothing was stored"
    assert answer == ("DEADLINE_EXCEEDED", text, "DEADLINE")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"\xff\xff", ("INVALID_ARGUMENT", "Query cannot be decoded", "INVALID_ARGUMENT")),
        (
            b"x" * 1001,
            (
                "RESOURCE_EXHAUSTED",
                "Query of 1001 bytes exceeds the limit of 1000 bytes",
                "MESSAGE_TOO_LARGE",
            ),
        ),
    ],
)
async def test_bytes_that_cannot_be_a_request(world: Any, data: bytes, answer: object) -> None:
    """They are the caller's mistake, and cost nothing else."""
    assert await refusal(world.ask(data)) == answer
    assert world.queries.calls == []


async def test_a_bug_leaks_nothing_but_a_number(world: Any, caplog: Any) -> None:
    """The text of an exception is in the log only, under the incident that is answered."""

    async def bug(_: Query) -> EventBook:
        raise KeyError("a secret")

    world.queries.act = bug

    code, text, reason = await refusal(world.ask())

    incident = text.removeprefix("Internal error (incident ").removesuffix(")")
    assert (code, reason, len(incident)) == ("INTERNAL", "INTERNAL", 8)
    assert [it.incident for it in caplog.records] == [incident]
    assert "a secret" in caplog.text


async def test_what_is_not_served_is_unimplemented(world: Any) -> None:
    """A method that the object lacks, and a service that was not added."""
    for path in ("/angzarr.EventQuery/Synchronize", "/angzarr.EventFeed/Head"):
        assert (await refusal(world.channel.unary_unary(path)(b"")))[0] == "UNIMPLEMENTED"


async def test_health_is_told_for_every_service(world: Any) -> None:
    """The empty name, each service, and NOT_FOUND for others; it follows what is ready."""
    assert [await health(world), await health(world, "angzarr.EventQuery")] == [SERVING, SERVING]
    stub = health_pb2_grpc.HealthStub(world.channel)
    unknown = stub.Check(health_pb2.HealthCheckRequest(service="angzarr.EventFeed"))
    assert (await refusal(unknown))[0] == "NOT_FOUND"

    await world.server.ready(serving=False)

    assert await health(world) == NOT_SERVING


async def test_reflection_lists_what_is_served(world: Any) -> None:
    """And nothing else."""
    stub = reflection_pb2_grpc.ServerReflectionStub(world.channel)
    call = stub.ServerReflectionInfo(
        iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    )

    found = [it.name async for answer in call for it in answer.list_services_response.service]

    assert sorted(found) == [
        "angzarr.EventQuery",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    ]


async def test_draining_finishes_what_runs_and_admits_nobody(world: Any) -> None:
    """The call in flight is answered, a new one hears NOT_READY, an open stream is closed."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Query) -> EventBook:
        entered.set()
        await go_on.wait()
        return EventBook(pages=[{"num": 7}])  # type: ignore[list-item]  # protobuf takes it

    world.queries.act = wait
    stream = world.channel.unary_stream("/angzarr.EventQuery/GetAggregateRoots")(b"")
    await stream.read()
    running = asyncio.ensure_future(world.ask(timeout=9))
    await entered.wait()
    closing = asyncio.ensure_future(world.server.aclose(drain_seconds=10))
    closed = await refusal(stream.read())
    late = await refusal(world.ask())
    ill = await health(world)
    go_on.set()

    assert EventBook.FromString(await running).pages[0].num == 7
    assert closed == (
        "UNAVAILABLE",
        "Stream closed; resume with after_position",
        "STREAM_CLOSED",
    )
    assert late == ("UNAVAILABLE", "Not ready: draining", "NOT_READY")
    assert ill == NOT_SERVING
    await closing


async def test_a_caller_that_goes_ends_its_work(world: Any) -> None:
    """Cancelling a call cancels what answers it."""
    entered, ended = asyncio.Event(), asyncio.Event()

    async def wait(_: Query) -> EventBook:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    world.queries.act = wait
    call = asyncio.ensure_future(world.ask(timeout=9))
    await entered.wait()
    call.cancel()

    async with asyncio.timeout(5):
        await ended.wait()
    assert ended.is_set()


async def test_a_socket_is_private(world: Any, place: Path) -> None:
    """Nobody else may connect."""
    mode = (await asyncio.to_thread((place / "s.sock").stat)).st_mode

    assert mode & 0o777 == 0o600
    await world.ask()


async def test_a_taken_port_is_refused(system: System) -> None:
    """Two servers never share a port; the second says which address it is."""
    limits = CallLimits(message_bytes=1, longest_seconds=1, usual_seconds=1, load=LimitSettings())
    first = Server(ServerConfig(address="127.0.0.1:0", limits=limits), system)
    async with first.serving(drain_seconds=0) as address:
        second = Server(ServerConfig(address=address, limits=limits), system)

        with pytest.raises(RefusedError, match=f"listen is {address}"):
            await second.start()


async def test_a_taken_socket_is_refused(world: Any, place: Path, system: System) -> None:
    """A socket on which somebody listens stays his."""
    address = f"unix:{place / 's.sock'}"
    limits = CallLimits(message_bytes=1, longest_seconds=1, usual_seconds=1, load=LimitSettings())
    second = Server(ServerConfig(address=address, limits=limits), system)

    with pytest.raises(RefusedError, match=f"listen is {address}"):
        await second.start()
    await world.ask()


async def test_a_request_error_is_its_status(world: Any) -> None:
    """What the work raises decides code, text and reason."""

    async def refuse(_: Query) -> EventBook:
        raise RequestError("UNKNOWN_DOMAIN", "No handler", domain="x")

    world.queries.act = refuse

    assert await refusal(world.ask()) == ("NOT_FOUND", "No handler", "UNKNOWN_DOMAIN")
