"""Keeps a graph as the system is: descriptors from the bus, events and progress from owners."""

import asyncio
from contextlib import suppress

from angzarr import rpc
from angzarr.progress_pb2 import ListProgressRequest
from angzarr.types_pb2 import ComponentDescriptor, EventPage, Target
from angzarr_bus import Bus, BusUnavailableError, Frame
from angzarr_descriptor import TOPOLOGY_DOMAIN
from angzarr_discovery import Component
from angzarr_feed import RemoteFeed
from angzarr_ports import System
from angzarr_replicas import Replicas
from angzarr_service import CallError
from angzarr_store import StoreUnavailableError
from angzarr_telemetry import Readiness
from angzarr_topology._graph import Graph

LOOK_SECONDS = 1.0
ASK_SECONDS = 2.0
FEED_PAGES = 500
SUBSCRIBED = "subscribed"
INBOX_FRAMES = 1024


class Watch:
    """Follows every domain from its head on, and asks every subscriber how far it has come."""

    def __init__(self, graph: Graph, replicas: Replicas, bus: Bus, system: System) -> None:
        self._graph = graph
        self._replicas = replicas
        self._discovery = replicas.discovery
        self._bus = bus
        self._system = system
        self._places: dict[str, tuple[int, bytes]] = {}

    def seed(self) -> None:
        """Take what discovery knows, until the components tell themselves."""
        for it in self._discovery.components():
            self._graph.hear(_descriptor_of(it), it.domain, self._system.clock.monotonic())

    async def listen(self) -> None:
        """Hear descriptors for ever; without a bus nothing is heard."""
        with suppress(BusUnavailableError):
            inbox = await self._bus.subscribe(
                TOPOLOGY_DOMAIN, "topology", limit_frames=INBOX_FRAMES
            )
            while True:
                frame = await inbox.receive()
                if frame is not None:
                    self._hear(frame)

    async def look(self, readiness: Readiness) -> None:
        """Read what is new, again and again; ready once every domain's head is known."""
        while True:
            for domain in self._discovery.domains():
                await self._read(domain)
            missing = set(self._discovery.domains()) - self._places.keys()
            await readiness.set(SUBSCRIBED, f"no head of {min(missing)}" if missing else "")
            await self._ask()
            self._graph.expire(self._system.clock.monotonic())
            await self._system.clock.sleep(LOOK_SECONDS)

    def _hear(self, frame: Frame) -> None:
        now = self._system.clock.monotonic()
        if frame.is_reference:  # too large for the bus: what is known still holds
            return self._graph.heard(frame.command_id, now)
        for page in map(EventPage.FromString, frame.pages):
            told = ComponentDescriptor()
            if page.event.Unpack(told):
                owned = {it.name: it.domain for it in self._discovery.components()}
                self._graph.hear(told, owned.get(told.name, ""), now)
        return None

    async def _read(self, domain: str) -> None:
        feed = RemoteFeed(domain, self._replicas)
        with suppress(StoreUnavailableError):
            if domain not in self._places:
                head = await feed.head()
                self._places[domain] = (head.position, head.chain)
            while True:
                batch = await feed.read(*self._places[domain], FEED_PAGES)
                for book in batch.books:
                    self._graph.read(book, self._system.clock.monotonic())
                self._places[domain] = (batch.last_position, batch.chain)
                if batch.last_position >= batch.head:
                    return

    async def _ask(self) -> None:
        subscribers = [it for it in self._discovery.components() if it.kind != "aggregate"]
        async with asyncio.TaskGroup() as group:
            for component in subscribers:
                group.create_task(self._progress(component))

    async def _progress(self, component: Component) -> None:
        method, request = rpc.Progress.List, ListProgressRequest()
        with suppress(CallError):
            reply = await self._replicas.call(
                component, method, request, timeout_seconds=ASK_SECONDS
            )
            for entry in reply.entries:
                self._graph.progress(entry, self._system.clock.monotonic())


def _descriptor_of(it: Component) -> ComponentDescriptor:
    return ComponentDescriptor(
        name=it.name,
        component_type=it.kind,
        inputs=[Target(domain=one.domain, types=one.types) for one in it.inputs],
        outputs=[Target(domain=one.domain, types=one.types) for one in it.outputs],
    )
