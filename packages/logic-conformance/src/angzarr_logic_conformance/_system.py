"""Our coordinators around foreign logic, each on a socket, in one loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

import angzarr_coordinator_aggregate
import angzarr_coordinator_process_manager
import angzarr_coordinator_projector
import angzarr_coordinator_saga
from angzarr.dead_letter_pb2 import DeadLetter, ListDeadLettersRequest
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr_bus_channel import ChannelBus
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_logic_conformance._behaviours import text_of
from angzarr_logic_conformance._reference import message_class, methods_of
from angzarr_ports import System
from angzarr_service import Ports
from angzarr_settings import load
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

ROOT = bytes(range(16))
OTHER = bytes(reversed(range(16)))
LONGEST_SECONDS = 15.0
USUAL = (
    "--delivery.attempts=2",
    "--delivery.poll_seconds=0.2",
    "--logic_deadline=2",
    "--shutdown.drain_seconds=0",
)
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 50)]
SERVE = {
    "aggregate": angzarr_coordinator_aggregate.serve,
    "saga": angzarr_coordinator_saga.serve,
    "projector": angzarr_coordinator_projector.serve,
    "process_manager": angzarr_coordinator_process_manager.serve,
}
CommandBook = message_class("CommandBook")
Query = message_class("Query")


class Around:
    """Coordinators of the domains "order" and "stock", and of one subscriber, "foreign"."""

    def __init__(self, system: System, directory: Path) -> None:
        self._system = system
        self._directory = directory
        self._bus = ChannelBus(system)
        self._running: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def start(self, kind: str, name: str, logic: str, *flags: str) -> None:
        """Start a coordinator with an empty store and wait until it listens."""
        stop = asyncio.Event()
        serving = self.serve(kind, name, logic, stop, *flags)
        self._running[name] = stop, self._system.tasks.start(name, serving)
        async with asyncio.timeout(LONGEST_SECONDS):
            await self._channel(name).channel_ready()

    async def serve(
        self, kind: str, name: str, logic: str, stop: asyncio.Event, *flags: str
    ) -> None:
        """Serve until `stop` is set."""
        store = await MemoryStore.open(StoreConfig(url="", component=name), self._system)
        told = [f"--component.name={name}", f"--component.logic={logic}", *USUAL, *flags]
        if kind in {"aggregate", "process_manager"}:
            told.append(f"--component.domain={name}")
        settings = load([f"--listen={self._address(name)}", *told], {})
        known = [
            Component(name=it, kind="aggregate", domain=it, addresses=(self._address(it),))
            for it in ("order", "stock")
        ]
        discovery = await StaticDiscovery.open(tuple(known), self._system)
        ports = Ports(system=self._system, store=store, bus=self._bus, discovery=discovery)
        await SERVE[kind](settings, ports, stop)

    async def stop(self, name: str) -> None:
        """Stop a coordinator; what it stored is gone."""
        stop, task = self._running.pop(name)
        stop.set()
        async with asyncio.timeout(LONGEST_SECONDS):
            await asyncio.wait([task])

    async def call(self, name: str, method: str, request: Any) -> Any:  # noqa: ANN401 - of the reference
        """Return what a coordinator answers to a client of the reference protocol."""
        _, reply = methods_of(method.split("/", maxsplit=1)[0])[f"/angzarr.{method}"]
        invoke: Any = self._channel(name).unary_unary(
            f"/angzarr.{method}", lambda it: it.SerializeToString(), reply.FromString
        )
        return await invoke(request, timeout=LONGEST_SECONDS, wait_for_ready=True)

    async def say(self, word: str, *, sequence: int = 0, root: bytes = ROOT, **cover: str) -> Any:  # noqa: ANN401 - of the reference
        """Send a command with a word to "order"."""
        return await self.call(
            "order", "AggregateCoordinator/Handle", command(word, sequence, root, **cover)
        )

    async def pages(self, domain: str, *, root: bytes = ROOT) -> Sequence[Any]:
        """Return the history of a root."""
        query = Query()
        query.cover.domain, query.cover.root.value = domain, root
        book = await self.call(domain, "EventQuery/GetEventBook", query)
        found: Sequence[Any] = book.pages
        return found

    async def words(self, domain: str, *, root: bytes = ROOT) -> list[str]:
        """Return what the events of a root say, in order."""
        return [text_of(page.event) for page in await self.pages(domain, root=root)]

    async def letters(self, name: str = "foreign") -> list[DeadLetter]:
        """Return what a coordinator has parked."""
        stub = DeadLettersStub(self._channel(name))
        found = await stub.List(ListDeadLettersRequest(), timeout=LONGEST_SECONDS)
        return list(found.letters)

    async def is_serving(self, name: str) -> bool:
        """Say whether a coordinator is ready."""
        stub: Any = health_pb2_grpc.HealthStub(self._channel(name))
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=LONGEST_SECONDS)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def stub(self, name: str, kind: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - a generated stub
        """Return a stub of a coordinator."""
        return kind(self._channel(name))

    async def until(self, condition: Callable[[], Awaitable[object]]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await condition():
                await self._system.clock.sleep(0.02)

    async def aclose(self) -> None:
        """Stop everything."""
        for channel in self._channels.values():
            await channel.close()
        for name in tuple(reversed(self._running)):
            await self.stop(name)

    def _address(self, name: str) -> str:
        return f"unix:{self._directory / name}.sock"

    def _channel(self, name: str) -> grpc.aio.Channel:
        if name not in self._channels:
            self._channels[name] = grpc.aio.insecure_channel(self._address(name), options=OPTIONS)
        return self._channels[name]


def command(word: str, sequence: int = 0, root: bytes = ROOT, **cover: str) -> Any:  # noqa: ANN401 - of the reference
    """Return a command of a client of the reference protocol."""
    book = CommandBook()
    book.cover.domain, book.cover.root.value = "order", root
    for name, value in cover.items():
        setattr(book.cover, name, value)
    book.pages.add(sequence=sequence).command.Pack(StringValue(value=word))
    return book
