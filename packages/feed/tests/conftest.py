"""The owner of a log that does what a test says, and a reader of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from angzarr.feed_pb2 import FeedBatch, FeedRequest, HeadRequest, HeadResponse
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import Call, CallLimits, Channels, RequestError, Server, ServerConfig
from angzarr_settings import LimitSettings

LIMITS = CallLimits(message_bytes=100_000, longest_seconds=9, usual_seconds=9, load=LimitSettings())


class Owner:
    """angzarr.EventFeed of the domain "order"; `batches` are sent to everybody who asks."""

    def __init__(self, place: Path, system: System) -> None:
        self.address = f"unix:{place}/order.sock"
        self.system = system
        self.asked: list[FeedRequest] = []
        self.batches: list[FeedBatch | RequestError] = []
        self.server: Server | None = None

    async def Read(self, request: FeedRequest, call: Call) -> AsyncIterator[FeedBatch]:  # noqa: N802 - the name on the wire
        """Send what is there; a stream that follows stays open."""
        self.asked.append(request)
        call.stay_open()
        while self.batches:
            batch = self.batches.pop(0)
            if isinstance(batch, RequestError):
                raise batch
            yield batch
        if request.follow:
            await asyncio.Event().wait()

    async def Head(self, request: HeadRequest, _call: Call) -> HeadResponse:  # noqa: N802 - the name on the wire
        """Stand at 7."""
        return HeadResponse(domain=request.domain, position=7)

    async def start(self) -> None:
        """Listen."""
        self.server = Server(ServerConfig(address=self.address, limits=LIMITS), self.system)
        self.server.add("angzarr.EventFeed", self)
        await self.server.start()

    async def stop(self) -> None:
        """Be gone."""
        assert self.server is not None
        await self.server.aclose(drain_seconds=0)


@pytest.fixture
async def owner(run_directory: Path, system: System) -> AsyncIterator[Owner]:
    """Serve a log."""
    made = Owner(run_directory, system)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def feed(owner: Owner, system: System) -> AsyncIterator[RemoteFeed]:
    """Return a reader of the log."""
    order = Component(name="order", kind="aggregate", domain="order", addresses=(owner.address,))
    channels = Channels()
    discovery = await StaticDiscovery.open((order,), system)
    yield RemoteFeed("order", Replicas(discovery, channels, system.clock))
    await channels.aclose()
