"""A topology before two logs and a saga whose owners do what a test says."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr.progress_pb2 import ComponentProgress, ListProgressRequest, ListProgressResponse
from angzarr.types_pb2 import EventBook
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_discovery import Component, Interest
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_service import Call, CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings, load
from angzarr_telemetry import get
from angzarr_topology import serve

LIMITS = CallLimits(message_bytes=100_000, longest_seconds=9, usual_seconds=9, load=LimitSettings())
CREATED = "test.Created"


def book(
    domain: str, position: int, *, type_name: str = CREATED, command_id: str = ""
) -> EventBook:
    """Return an append of one page on a root of its own."""
    found = EventBook()
    found.cover.address(domain, position.to_bytes(16, "big"), correlation="flow")
    page = found.pages.add(num=0, position=position, command_id=command_id)
    page.event.type_url = f"type.googleapis.com/{type_name}"
    page.created_at.FromSeconds(1_700_000_000)
    return found


class Logs:
    """angzarr.EventFeed of two domains and angzarr.Progress of a saga, at one address."""

    def __init__(self) -> None:
        self.books: dict[str, list[EventBook]] = {"order": [], "stock": []}
        self.progress: list[ComponentProgress] = []

    async def Head(self, request: HeadRequest, _call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Return how many appends there are."""
        return HeadResponse(domain=request.domain, position=len(self.books[request.domain]))

    async def Read(self, request: FeedRequest, _call: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - the name on the wire
        """Return what follows."""
        books = self.books[request.domain]
        yield FeedBatch(
            after_position=request.after_position,
            last_position=len(books),
            head=len(books),
            books=books[request.after_position :],
        )

    async def List(self, _: ListProgressRequest, __: Call) -> ListProgressResponse:  # noqa: N802 - the name on the wire
        """Return what the test says."""
        return ListProgressResponse(entries=self.progress)


class World:
    """What the topology sees, and its answers over HTTP."""

    def __init__(self, logs: Logs, bus: ChannelBus, address: str, system: System) -> None:
        self.stop = asyncio.Event()
        self.logs = logs
        self.bus = bus
        self.address = address
        self.system = system

    async def ask(self, path: str) -> Any:
        """Return what a path answers with 200."""
        status, body = await get(self.address, path, timeout_seconds=5)
        assert status == 200
        return json.loads(body) if body else None

    async def until(self, path: str, condition: Any) -> Any:
        """Return the first answer that meets a condition."""
        async with asyncio.timeout(10):
            while not condition(found := await self.ask(path)):
                await self.system.clock.sleep(0.02)
        return found


@pytest.fixture
async def world(run_directory: Path, system: System) -> AsyncIterator[World]:
    """Serve the graph of order, stock, a saga between them and our own record of failures."""
    logs, at = Logs(), f"unix:{run_directory}/owner.sock"
    owner = Server(ServerConfig(address=at, limits=LIMITS), system)
    owner.add("angzarr.EventFeed", logs)
    owner.add("angzarr.Progress", logs)
    await owner.start()
    saga = Component(
        name="saga-order-stock",
        kind="saga",
        domain="",
        addresses=(at,),
        inputs=(Interest(domain="order", types=(CREATED,)),),
        outputs=(Interest(domain="stock", types=("test.Reserve", "test.Release")),),
    )
    known = tuple(
        Component(name=it, kind="aggregate", domain=it, addresses=(at,)) for it in logs.books
    )
    discovery = await StaticDiscovery.open((*known, saga), system)
    bus = await ChannelBus.open(BusConfig(url=""), system)
    address = f"unix:{run_directory}/topology.sock"
    settings = load([f"--listen={address}"], {})
    made = World(logs, bus, address, system)
    serving = system.tasks.start("topology", serve(settings, system, discovery, bus, made.stop))
    async with asyncio.timeout(10):
        while not await _is_ready(address):
            await system.clock.sleep(0.02)
    yield made
    made.stop.set()
    await serving
    await owner.aclose(drain_seconds=0)


async def _is_ready(address: str) -> bool:
    try:
        status, _ = await get(address, "/api/health", timeout_seconds=5)
    except OSError:
        return False
    return status == 200
