"""A coordinator beside a logic service that knows nothing but grpcio and the protos."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import (
    AggregateCoordinatorStub,
    AggregateServicer,
    add_AggregateServicer_to_server,
)
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import BusinessResponse, ContextualCommand
from angzarr.upcaster_pb2 import UpcastRequest, UpcastResponse
from angzarr.upcaster_pb2_grpc import UpcasterServicer, add_UpcasterServicer_to_server
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_aggregate import serve
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import real_system
from angzarr_service import Ports
from angzarr_settings import load
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

FAST = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 500)]


class BareLogic(AggregateServicer, UpcasterServicer):  # type: ignore[misc]  # generated code has no types
    """Stores what it is told; some words make it misbehave. As an upcaster it shouts."""

    def __init__(self) -> None:
        self.words = {"bury"}

    async def Handle(self, request: ContextualCommand, context: Any) -> BusinessResponse:  # noqa: N802 - the name on the wire
        """Answer by the word in the command."""
        word = StringValue.FromString(request.command.pages[0].command.value).value
        if word == "refuse":
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Order already exists")
        if word == "crash":
            raise ValueError("a secret")
        if word == "hang" or f"hang on {word}" in self.words:
            await asyncio.Event().wait()
        response = BusinessResponse()
        if word in {"revoke", "escalate"}:
            response.revocation.reason = "gone"
            response.revocation.escalate = word == "escalate"
        elif word in self.words:
            response.revocation.reason = word
            response.revocation.send_to_dead_letter_queue = True
        elif word != "nothing":
            record(response, word, len(request.events.pages))
        return response

    async def Upcast(self, request: UpcastRequest, context: Any) -> UpcastResponse:  # noqa: N802 - the name on the wire
        """Return every text in capitals, unless it may not be heard."""
        response = UpcastResponse(events=request.events)
        for page in response.events:
            word = StringValue.FromString(page.event.value).value
            if word == "mute":
                await context.abort(grpc.StatusCode.NOT_FOUND, "It cannot be said")
            page.event.Pack(StringValue(value=word.upper()))
        return response


def record(response: BusinessResponse, word: str, number: int) -> None:
    """Add a page that says `word`, right or wrong."""
    page = response.events.pages.add(num=number)
    page.event.Pack(StringValue(value=word))
    if word == "misnumber":
        page.num = 7
    if word == "elsewhere":
        response.events.cover.domain = "cart"
    if word == "empty":
        page.ClearField("event")
    if word == "twice":
        response.events.pages.add(force=True).event.Pack(StringValue(value="again"))


class World:
    """Stubs of a running coordinator, as a foreign client has them."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.commands = AggregateCoordinatorStub(channel)
        self.queries = EventQueryStub(channel)
        self.feed = EventFeedStub(channel)
        self.channel = channel


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def bare_logic() -> BareLogic:
    """Return the logic that every test here uses."""
    return BareLogic()


@pytest.fixture
def bare_words(bare_logic: BareLogic) -> set[str]:
    """Return the words that logic revokes, to be changed."""
    return bare_logic.words


@pytest.fixture
def flags() -> list[str]:
    """Return settings that a test adds."""
    return []


@pytest.fixture
def known() -> tuple[Component, ...]:
    """Return the components that discovery knows, none; a module may know some."""
    return ()


@pytest.fixture
async def world(
    run_directory: Path,
    bare_logic: BareLogic,
    flags: list[str],
    known: tuple[Component, ...],
) -> AsyncIterator[World]:
    """Start bare logic and a coordinator on Unix sockets."""
    logic_address = f"unix:{run_directory / 'logic.sock'}"
    address = f"unix:{run_directory / 'coordinator.sock'}"
    logic = grpc.aio.server()
    add_AggregateServicer_to_server(bare_logic, logic)
    add_UpcasterServicer_to_server(bare_logic, logic)
    logic.add_insecure_port(logic_address)
    await logic.start()
    settings = load(
        [
            f"--listen={address}",
            "--component.name=order",
            "--component.domain=order",
            f"--component.logic={logic_address}",
            "--logic_deadline=0.5",
            "--shutdown.drain_seconds=0.1",
            *flags,
        ],
        {},
    )
    system = real_system(lambda _name, error: pytest.fail(str(error)))
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    bus = await ChannelBus.open(BusConfig(url=""), system)
    stop = asyncio.Event()
    discovery = await StaticDiscovery.open(known, system)
    ports = Ports(system=system, store=store, bus=bus, discovery=discovery)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ports, stop))
        channel = grpc.aio.insecure_channel(address, options=FAST)
        async with asyncio.timeout(10):
            await channel.channel_ready()
        yield World(channel)
        await channel.close()
        stop.set()
    await logic.stop(None)
