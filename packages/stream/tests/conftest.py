"""A stream service before two logs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr.gateway_pb2_grpc import EventStreamStub
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_discovery import Component, Interest
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_settings import load
from angzarr_stream import serve

from .owner import Owner

QUICK = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 500)]


class World:
    """The owners by domain, a plain client of each replica, and what stops them."""

    def __init__(
        self, owners: dict[str, Owner], stubs: list[Any], stop: asyncio.Event, bus: ChannelBus
    ) -> None:
        self.bus = bus
        self.channels: list[grpc.aio.Channel] = []
        self.owners = owners
        self.stub, self.other_stub = stubs
        self.stop = stop

    async def subscribed(self, wanted: Any, stub: Any = None) -> Any:
        """Return a stream once it is registered."""
        call = (stub or self.stub).Subscribe(wanted)
        async with asyncio.timeout(10):
            await call.initial_metadata()
        return call


@pytest.fixture
async def world(run_directory: Path, system: System) -> AsyncIterator[World]:
    """Serve the logs of order and stock by two replicas."""
    owners = {it: Owner(it, f"unix:{run_directory}/{it}.sock", system) for it in ("order", "stock")}
    for owner in owners.values():
        await owner.open()
    components = tuple(
        Component(name=it.domain, kind="aggregate", domain=it.domain, addresses=(it.address,))
        for it in owners.values()
    )
    view = Component(
        name="view",
        kind="projector",
        domain="",
        addresses=("unix:/nowhere.sock",),
        inputs=(Interest(domain="order"),),
    )
    buses = {it: await ChannelBus.open(BusConfig(url=""), system) for it in ("stream", "another")}
    discovery = await StaticDiscovery.open((*components, view), system)
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stubs, replicas, channels = [], [], []
        for name, bus in buses.items():
            address = f"unix:{run_directory}/{name}.sock"
            settings = load([f"--listen={address}", "--shutdown.drain_seconds=1"], {})
            replicas.append(system.tasks.start(name, serve(settings, system, discovery, bus, stop)))
            channel = grpc.aio.insecure_channel(address, options=QUICK)
            await (await stack.enter_async_context(channel)).channel_ready()
            stubs.append(EventStreamStub(channel))
            channels.append(channel)
        made = World(owners, stubs, stop, buses["stream"])
        made.channels = channels
        yield made
    stop.set()
    await asyncio.wait(replicas)
    for owner in owners.values():
        await owner.stop()
