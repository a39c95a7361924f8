"""The owner of a domain's log: the real feed over a store in memory, and a way to append."""

import asyncio
from typing import Any

from angzarr.types_pb2 import EventPage
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_log import Announcer, Feed
from angzarr_ports import System
from angzarr_service import CallLimits, Server, ServerConfig
from angzarr_settings import LimitSettings
from angzarr_store import Batch, RootKey, StoreConfig
from angzarr_store_memory import MemoryStore

LIMITS = CallLimits(
    message_bytes=4_000_000, longest_seconds=9, usual_seconds=9, load=LimitSettings()
)


class Owner:
    """One domain."""

    def __init__(self, domain: str, address: str, system: System) -> None:
        self.domain = domain
        self.address = address
        self.system = system
        self.count = 0

    async def open(self) -> None:
        """Begin a log."""
        store = await MemoryStore.open(StoreConfig(url="", component=self.domain), self.system)
        self.log = await store.log(self.domain)
        bus = await ChannelBus.open(BusConfig(url=""), self.system)
        self.announcer = Announcer(self.log, bus, self.system)
        await self.start()

    async def start(self) -> None:
        """Serve the log."""
        self.server = Server(ServerConfig(address=self.address, limits=LIMITS), self.system)
        self.server.add("angzarr.EventFeed", Feed(self.log, self.announcer))
        await self.server.start()

    async def stop(self) -> None:
        """Serve it no more."""
        await self.server.aclose(drain_seconds=0)

    async def append(
        self, flow: str, *texts: str, root: int = 1, edition: str = "angzarr", size: int = 0
    ) -> None:
        """Append one page per text, on a root that nothing else writes to."""
        self.count += 1
        pages = [EventPage(num=number) for number in range(len(texts))]
        for page, text in zip(pages, texts, strict=True):
            page.event.type_url = text
            page.event.value = bytes(size)
        key = RootKey(edition=edition, root=root.to_bytes(8, "big") + self.count.to_bytes(8, "big"))
        batch = Batch(
            command_id=f"c{self.count}",
            key=key,
            type_url="type.googleapis.com/x",
            base=0,
            pages=tuple(page.SerializeToString() for page in pages),
            correlation_id=flow,
            created_at="2026-01-01T00:00:00Z",
        )
        self.announcer.announce(batch, await self.log.append(batch))


async def received(call: Any, count: int) -> list[str]:
    """Return what the next `count` appends say."""
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            book = await call.read()
            found.append("+".join(page.event.type_url for page in book.pages))
    return found
