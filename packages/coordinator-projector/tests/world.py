"""A projector's coordinator behind an aggregate, in one loop."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook, CommandResponse, Projection
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_aggregate import serve as serve_aggregate
from angzarr_coordinator_projector import serve as serve_projector
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System, SystemClock
from angzarr_service import Ports
from angzarr_settings import load
from angzarr_store import RootKey, Store, StoreConfig
from angzarr_store_memory import MemoryStore
from angzarr_store_sqlite import SqliteStore

from .ledger import WatchedLedger, WatchedStore
from .logic import AggregateLogic, ProjectorLogic, text_of

PROJECTOR = "projector-order-list"
ROOT = bytes(range(16))
OPTIONS = [("grpc.use_local_subchannel_pool", 1)]
NAMES = {1: "SERVING", 2: "NOT_SERVING"}


class QuickClock(SystemClock):
    """A clock on which backoff and probes pass a hundred times faster."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a hundredth of `seconds`."""
        await super().sleep(seconds / 100)


class World:
    """Processes that a test starts and stops; what the projector has stored stays."""

    def __init__(self, system: System, directory: Path, memory: MemoryStore) -> None:
        self.system = system
        self.directory = directory
        self.memory = memory
        self.durable = False
        self.flags: dict[str, str] = {}
        self.logic = {name: AggregateLogic() for name in ("order", "cart")}
        self.projector = ProjectorLogic()
        self.ledger = WatchedLedger()
        self.routes = {domain: self.address(domain) for domain in self.logic}
        self.bus: Any = ChannelBus(self.system)
        self._running: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self._servers: dict[str, Any] = {}
        self._channels: dict[str, grpc.aio.Channel] = {}

    def address(self, name: str) -> str:
        """Return where a process listens."""
        return f"unix:{self.directory / name}.sock"

    async def start(self, *flags: str) -> None:
        """Start everything and wait until the projector is ready."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.start_aggregate("order"))
            group.create_task(self.start_logic())
        await self.start_projector(*flags)
        await self.until(self.is_serving)

    async def start_aggregate(self, domain: str, store: MemoryStore | None = None) -> None:
        """Start an aggregate's logic and coordinator."""
        await self.serve(f"{domain}-logic", self.logic[domain])
        flags = [f"--component.{key}={domain}" for key in ("name", "domain")]
        flags.append(f"--component.logic={self.address(f'{domain}-logic')}")
        flags.append("--shutdown.drain_seconds=0")
        config = StoreConfig(url="", component=domain)
        used = store or await MemoryStore.open(config, self.system)
        self.aggregate_store = used.reopen()
        await self._run(domain, serve_aggregate, flags, used)

    async def start_logic(self) -> None:
        """Start the logic of the projector."""
        await self.serve("projector-logic", self.projector)

    async def start_projector(self, *flags: str) -> None:
        """Start the projector's coordinator over what it had stored before; flags are kept."""
        self.flags.update(flag.split("=", 1) for flag in flags)
        await self._run("projector", serve_projector, self._projector_flags(), await self._open())

    async def run_projector(self, *flags: str) -> None:
        """Run the projector's coordinator until it ends by itself."""
        self.flags.update(flag.split("=", 1) for flag in flags)
        serving = await self._serving(
            "projector", serve_projector, self._projector_flags(), await self._open()
        )
        async with asyncio.timeout(10):
            await serving(asyncio.Event())

    async def restart_projector(self) -> None:
        """Stop the projector's coordinator without letting it finish, then start it again."""
        await self.stop("projector")
        await self.start_projector()
        await self.until(self.is_serving)

    async def serve(self, name: str, service: Any) -> None:
        """Start a foreign service."""
        self._servers[name] = await service.start(self.address(name))

    async def silence(self, name: str) -> None:
        """Stop a foreign service."""
        await self._servers.pop(name).stop(None)

    async def stop(self, name: str) -> None:
        """Stop a coordinator."""
        stop, task = self._running.pop(name)
        stop.set()
        async with asyncio.timeout(10):
            await asyncio.wait([task])
            await self.ledger.settled()

    async def kill(self, name: str) -> None:
        """End a coordinator where it stands."""
        _, task = self._running.pop(name)
        task.cancel()
        await asyncio.wait([task])
        await self.ledger.settled()
        await self.store.aclose()

    async def order(self, text: str, *, root: bytes = ROOT, sequence: int = 0) -> CommandResponse:
        """Record one event in the source."""
        book = CommandBook.to("order", root, StringValue(value=text), sequence=sequence)
        book.cover.correlation_id = f"flow {text}"
        return await self.send("order", book)

    async def send(self, domain: str, book: CommandBook) -> CommandResponse:
        """Send a command to an aggregate's coordinator."""
        stub = AggregateCoordinatorStub(self.channel(domain))
        response: CommandResponse = await stub.Handle(book, timeout=10)
        return response

    async def projection(self, root: bytes) -> tuple[int, str] | None:
        """Return sequence and text of what is kept of a root."""
        assert self.ledger.lease is not None
        key = RootKey(edition="angzarr", root=root)
        found = await self.ledger.projection(self.ledger.lease, key)
        return found and (found[0], text_of(Projection.FromString(found[1]).projection))

    async def health(self) -> str:
        """Return what the projector's coordinator says of itself."""
        stub = health_pb2_grpc.HealthStub(self.channel("projector"))
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=10, wait_for_ready=True)
        return NAMES[answer.status]

    async def is_serving(self) -> bool:
        """Say whether the projector's coordinator is ready."""
        return await self.health() == "SERVING"

    async def is_not_serving(self) -> bool:
        """Say whether the projector's coordinator is not ready."""
        return await self.health() == "NOT_SERVING"

    def channel(self, name: str) -> grpc.aio.Channel:
        """Return the channel to a coordinator."""
        if name not in self._channels:
            self._channels[name] = grpc.aio.insecure_channel(self.address(name), options=OPTIONS)
        return self._channels[name]

    async def until_done(self, position: int) -> None:
        """Wait until everything up to a position of the source is done, durably."""
        await self.until(lambda: self.ledger.checkpoint() >= position)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition, at most ten seconds; it may have to be awaited."""
        async with asyncio.timeout(10):
            while not await _holds(condition):
                await self.system.clock.sleep(0.5)

    async def aclose(self) -> None:
        """Stop everything."""
        for channel in self._channels.values():
            await channel.close()
        for name in tuple(reversed(self._running)):
            await self.stop(name)
        for server in self._servers.values():
            await server.stop(None)
        await self.system.tasks.aclose()

    def _projector_flags(self) -> list[str]:
        usual = {
            "--component.name": PROJECTOR,
            "--component.logic": self.address("projector-logic"),
            "--component.inputs": json.dumps(["order"]),
            "--delivery.attempts": "3",
            "--delivery.poll_seconds": "0.2",
            "--logic_deadline": "5",
            "--usual_deadline": "5",
            "--shutdown.drain_seconds": "0",
        }
        return [f"{key}={value}" for key, value in {**usual, **self.flags}.items()]

    async def _open(self) -> WatchedStore:
        inner: Store = self.memory.reopen()
        if self.durable:
            config = StoreConfig(url=str(self.directory), component=PROJECTOR, volatile=True)
            inner = await SqliteStore.open(config, self.system)
        self.store = WatchedStore(inner, self.ledger)
        return self.store

    async def _run(self, name: str, serve: Any, flags: Sequence[str], store: Any) -> None:
        stop, serving = asyncio.Event(), await self._serving(name, serve, flags, store)
        self._running[name] = stop, self.system.tasks.start(name, serving(stop))
        await self.until(lambda: listens(self.address(name)))

    async def _serving(self, name: str, serve: Any, flags: Sequence[str], store: Any) -> Any:
        discovery = await StaticDiscovery.open(
            tuple(
                Component(name=f"owner-{domain}", kind="aggregate", domain=domain, addresses=(at,))
                for domain, at in self.routes.items()
            ),
            self.system,
        )
        settings = load([f"--listen={self.address(name)}", *flags], {})
        ports = Ports(system=self.system, store=store, bus=self.bus, discovery=discovery)

        async def serving(stop: asyncio.Event) -> None:
            await serve(settings, ports, stop)
            await store.aclose()

        return serving


async def _holds(condition: Callable[[], Any]) -> bool:
    found = condition()
    return bool(await found if asyncio.iscoroutine(found) else found)


async def listens(address: str) -> bool:
    """Say whether somebody accepts connections at an address."""
    try:
        _, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
    except OSError:
        return False
    writer.close()
    return True
