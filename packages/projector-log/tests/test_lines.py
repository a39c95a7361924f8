"""Every event is a line of the log (operations.md §4)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr.types_pb2 import EventBook
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_projector_log import serve
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings, load

LIMITS = CallLimits(message_bytes=100_000, longest_seconds=9, usual_seconds=9, load=LimitSettings())
QUICK = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 500)]


class Log:
    """angzarr.EventFeed of a domain with one event before the process and two after it."""

    async def Head(self, request: HeadRequest, _call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Stand behind the first event."""
        return HeadResponse(domain=request.domain, position=1)

    async def Read(self, request: FeedRequest, call: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - the name on the wire
        """Send what follows, then nothing."""
        call.stay_open()
        book = EventBook()
        book.cover.address("order", bytes(range(16)), correlation="flow")
        for number in range(request.after_position, 3):
            page = book.pages.add(num=number, position=number + 1, command_id="c-1")
            page.event.type_url = "type.googleapis.com/test.Created"
            page.event.value = b"a secret"
        yield FeedBatch(
            after_position=request.after_position, last_position=3, head=3, books=[book]
        )
        await asyncio.Event().wait()


async def health(channel: grpc.aio.Channel) -> int:
    """Return the health of the service that monitoring asks for."""
    stub = health_pb2_grpc.HealthStub(channel)
    asked = health_pb2.HealthCheckRequest(service="angzarr.ProjectorCoordinator")
    return int((await stub.Check(asked, timeout=10, wait_for_ready=True)).status)


async def test_every_event_from_the_start_on_is_a_line(
    run_directory: Path, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, in order, without its payload; healthy once the owner of every log is found."""
    caplog.set_level(logging.INFO, logger="angzarr.events")
    at, listen = f"unix:{run_directory}/order.sock", f"unix:{run_directory}/log.sock"
    order = Component(name="order", kind="aggregate", domain="order", addresses=(at,))
    discovery, stop = await StaticDiscovery.open((order,), system), asyncio.Event()
    settings = load([f"--listen={listen}"], {})
    serving = system.tasks.start("log", serve(settings, system, discovery, stop))
    owner = Server(ServerConfig(address=at, limits=LIMITS), system)
    owner.add("angzarr.EventFeed", Log())
    async with grpc.aio.insecure_channel(listen, options=QUICK) as channel:
        before = await health(channel)
        await owner.start()
        async with asyncio.timeout(20):
            while len(lines(caplog)) < 2:
                await system.clock.sleep(0.02)
            while await health(channel) != health_pb2.HealthCheckResponse.SERVING:
                await system.clock.sleep(0.02)
    stop.set()
    await serving
    await owner.aclose(drain_seconds=0)

    assert before == health_pb2.HealthCheckResponse.NOT_SERVING
    told = lines(caplog)
    assert [(it["position"], it["sequence"], it["events"]) for it in told] == [
        (2, 1, ["test.Created"]),
        (3, 2, ["test.Created"]),
    ]
    assert {(it["domain"], it["correlation_id"], it["command_id"]) for it in told} == {
        ("order", "flow", "c-1")
    }
    assert "secret" not in str(told)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of the lines that tell of events."""
    return [it.__dict__ for it in caplog.records if it.getMessage() == "event.recorded"]
