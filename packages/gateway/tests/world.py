"""A gateway before coordinators that stand beside foreign logic."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_aggregate import serve as serve_coordinator
from angzarr_discovery import Component, Discovery
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway import serve as serve_gateway
from angzarr_ports import real_system
from angzarr_service import Ports
from angzarr_settings import Settings, load
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore
from angzarr_stream import serve as serve_stream

from .foreign import Client
from .logic import Logic

DOMAINS = ("order", "inventory")


class World:
    """Processes of one application in one loop, each with a signal to stop."""

    def __init__(self, directory: Path, port: int) -> None:
        self.died: list[BaseException] = []
        self.system = real_system(lambda _name, error: self.died.append(error))
        self.directory = directory
        self.gateway_address = f"127.0.0.1:{port}"
        self.routes = {domain: self.address(domain) for domain in DOMAINS}
        self.logic: dict[str, Logic] = {}
        self.client = Client(self.gateway_address)
        self._stops: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self._servers: dict[str, Any] = {}
        self._clients = [self.client]

    def address(self, name: str) -> str:
        """Return where a process listens."""
        return f"unix:{self.directory / name}.sock"

    async def start(self, *coordinator_flags: str) -> None:
        """Start everything."""
        for domain in DOMAINS:
            await self.start_logic(domain)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.start_gateway())
            for domain in DOMAINS:
                group.create_task(self.start_coordinator(domain, *coordinator_flags))

    async def start_logic(self, domain: str) -> None:
        """Start the logic of a domain."""
        logic = self.logic[domain] = Logic()
        self._servers[domain] = await logic.start(self.address(f"{domain}-logic"))

    async def stop_logic(self, domain: str) -> None:
        """Stop the logic of a domain."""
        await self._servers.pop(domain).stop(None)

    async def start_coordinator(self, domain: str, *flags: str, store: Any = None) -> None:
        """Start the coordinator of a domain and wait until it listens."""
        settings = load(
            [
                f"--listen={self.address(domain)}",
                f"--component.name={domain}",
                f"--component.domain={domain}",
                f"--component.logic={self.address(f'{domain}-logic')}",
                "--logic_deadline=5",
                "--shutdown.drain_seconds=0.1",
                *flags,
            ],
            {},
        )
        used = store or await MemoryStore.open(StoreConfig(url="", component=domain), self.system)
        ports = Ports(
            system=self.system,
            store=used,
            bus=await ChannelBus.open(BusConfig(url=""), self.system),
            discovery=await StaticDiscovery.open((), self.system),
        )
        self._run(domain, lambda stop: serve_coordinator(settings, ports, stop))
        await self.until(lambda: listens(self.address(domain)))

    async def start_gateway(self, *flags: str) -> None:
        """Start the gateway with the routes as they are now and wait until it listens."""
        listen = f"--listen={self.gateway_address}"
        settings: Settings = load([listen, "--shutdown.drain_seconds=5", *flags], {})
        discovery = await self._discovery()
        self._run("gateway", lambda stop: serve_gateway(settings, self.system, discovery, stop))
        await self.until(lambda: listens(self.gateway_address))

    async def start_stream(self) -> None:
        """Start the stream service with the routes as they are now; wait until it listens."""
        settings = load([f"--listen={self.address('stream')}", "--shutdown.drain_seconds=0.1"], {})
        discovery = await self._discovery()
        bus = await ChannelBus.open(BusConfig(url=""), self.system)
        self._run("stream", lambda stop: serve_stream(settings, self.system, discovery, bus, stop))
        await self.until(lambda: listens(self.address("stream")))

    def direct(self, domain: str) -> Client:
        """Return a client of a coordinator's own port."""
        return self.another_client(self.address(domain))

    def another_client(self, address: str) -> Client:
        """Return a client with a connection of its own."""
        client = Client(address)
        self._clients.append(client)
        return client

    def begin_stop(self, name: str) -> asyncio.Task[None]:
        """Tell a process to stop; return what ends with it."""
        stop, task = self._stops.pop(name)
        stop.set()
        return task

    async def stop(self, name: str) -> None:
        """Stop a process."""
        async with asyncio.timeout(10):
            await asyncio.wait([self.begin_stop(name)])

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition, at most ten seconds."""
        async with asyncio.timeout(10):
            while not await satisfied(condition):
                await self.system.clock.sleep(0.005)

    async def aclose(self) -> None:
        """Stop everything."""
        for client in self._clients:
            await client.aclose()
        for name in tuple(reversed(self._stops)):
            await self.stop(name)
        for server in self._servers.values():
            await server.stop(None)
        await self.system.tasks.aclose()

    async def _discovery(self) -> Discovery:
        return await StaticDiscovery.open(
            tuple(
                Component(name=f"{domain}-owner", kind="aggregate", domain=domain, addresses=(at,))
                if domain != "*"
                else Component(name="fallback", kind="aggregate", domain="*", addresses=(at,))
                for domain, at in self.routes.items()
            ),
            self.system,
        )

    def _run(self, name: str, serve: Callable[[asyncio.Event], Any]) -> None:
        stop = asyncio.Event()
        self._stops[name] = stop, self.system.tasks.start(name, serve(stop))


async def satisfied(condition: Callable[[], Any]) -> bool:
    """Say whether a condition holds; it may have to be awaited."""
    found = condition()
    return bool(await found if asyncio.iscoroutine(found) else found)


async def listens(address: str) -> bool:
    """Say whether somebody accepts connections at an address."""
    try:
        if address.startswith("unix:"):
            _, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
        else:
            host, _, port = address.partition(":")
            _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True
