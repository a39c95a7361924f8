"""A process manager's coordinator beside two aggregates, in one loop, with foreign logic."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr import process_root
from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.dead_letter_pb2 import DeadLetter, ListDeadLettersRequest
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessManagerPrepareRequest,
    ProcessManagerPrepareResponse,
    ProcessTimeout,
)
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.timer_pb2_grpc import TimersStub
from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    ContextualCommand,
    Cover,
    EventBook,
    EventPage,
    Query,
)
from angzarr.upcaster_pb2 import UpcastRequest, UpcastResponse
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_aggregate import serve as serve_aggregate
from angzarr_coordinator_process_manager import serve as serve_manager
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_service import Ports
from angzarr_settings import load
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

NAME = "watch"
ROOT = bytes(range(16))
FLOW = "flow"
OPTIONS = [("grpc.use_local_subchannel_pool", 1)]

Decide = Callable[[ProcessManagerHandleRequest], ProcessManagerHandleResponse]


class Logic(grpc.GenericRpcHandler):
    """An aggregate that records what it is told, unless it is told no, and a process manager."""

    def __init__(self) -> None:
        self.asked: list[ProcessManagerHandleRequest] = []
        self.prepared: list[ProcessManagerPrepareRequest] = []
        self.destinations: list[Cover] = []
        self.decide: Decide = lambda _: ProcessManagerHandleResponse()

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        methods: dict[str, tuple[Any, Any]] = {
            "/angzarr.Aggregate/Handle": (ContextualCommand, self._record),
            "/angzarr.ProcessManager/Handle": (ProcessManagerHandleRequest, self._handle),
            "/angzarr.ProcessManager/Prepare": (ProcessManagerPrepareRequest, self._prepare),
            "/angzarr.Upcaster/Upcast": (UpcastRequest, self._upcast),
        }
        found = methods.get(handler_call_details.method)
        if found is None:
            return None
        return grpc.unary_unary_rpc_method_handler(
            found[1], found[0].FromString, lambda reply: reply.SerializeToString()
        )

    async def _record(self, request: ContextualCommand, context: Any) -> BusinessResponse:
        command = request.command.pages[0].command
        if command.Is(StringValue.DESCRIPTOR) and text_of(command) == "no":
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "It says no")
        response = BusinessResponse()
        response.events.pages.add().event.CopyFrom(command)
        return response

    async def _prepare(
        self, request: ProcessManagerPrepareRequest, _: Any
    ) -> ProcessManagerPrepareResponse:
        self.prepared.append(request)
        return ProcessManagerPrepareResponse(destinations=self.destinations)

    async def _upcast(self, request: UpcastRequest, context: Any) -> UpcastResponse:
        response = UpcastResponse(events=request.events)
        for page in response.events:
            if word_of(page) == "mute":
                await context.abort(grpc.StatusCode.NOT_FOUND, "It cannot be said")
            if page.event.Is(StringValue.DESCRIPTOR):
                page.event.Pack(StringValue(value=word_of(page).upper()))
        return response

    async def _handle(
        self, request: ProcessManagerHandleRequest, _: Any
    ) -> ProcessManagerHandleResponse:
        self.asked.append(request)
        return self.decide(request)


class World:
    """Coordinators that a test starts and stops; what the process manager stored stays."""

    def __init__(self, system: System, directory: Path, memory: MemoryStore) -> None:
        self.system = system
        self.logic = Logic()
        self._directory = directory
        self._memory = memory
        self._bus: Any = ChannelBus(system)
        self._running: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._server: Any = None

    async def start(self, *flags: str) -> None:
        """Start everything."""
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((self.logic,))
        self._server.add_insecure_port(self.address("logic"))
        await self._server.start()
        for domain in ("order", "stock"):
            store = await MemoryStore.open(StoreConfig(url="", component=domain), self.system)
            told = [f"--component.name={domain}", f"--component.domain={domain}"]
            await self._run(domain, serve_aggregate, told, store)
            await self.pages(domain, ROOT)
        await self.start_manager(*flags)

    async def start_manager(self, *flags: str) -> None:
        """Start the process manager's coordinator over what it had stored before."""
        told = [
            f"--component.name={NAME}",
            f"--component.inputs={json.dumps(['order'])}",
            "--component.compensation.fallback.emit=false",
            "--delivery.attempts=2",
            "--delivery.poll_seconds=0.1",
            *flags,
        ]
        await self._run(NAME, serve_manager, told, self._memory.reopen())

    async def stop(self, name: str) -> None:
        """Stop a coordinator."""
        stop, task = self._running.pop(name)
        stop.set()
        async with asyncio.timeout(10):
            await asyncio.wait([task])

    async def order(self, text: str, sequence: int = 0, *, flow: str = FLOW) -> None:
        """Record one event in the source."""
        book = CommandBook.to("order", ROOT, StringValue(value=text), sequence=sequence)
        book.cover.correlation_id = flow
        stub = AggregateCoordinatorStub(self.channel("order"))
        await stub.Handle(book, timeout=10, wait_for_ready=True)

    async def process(self, flow: str = FLOW) -> list[str]:
        """Return what a process has recorded, in words."""
        return [word_of(page) for page in await self.pages(NAME, process_root(flow).bytes)]

    async def stock(self) -> list[str]:
        """Return what the target has recorded."""
        return [word_of(page) for page in await self.pages("stock", ROOT)]

    async def pages(self, domain: str, root: bytes) -> Sequence[EventPage]:
        """Return the history of a root."""
        query = Query()
        query.cover.address(domain, root)
        stub = EventQueryStub(self.channel(domain))
        book: EventBook = await stub.GetEventBook(query, timeout=10, wait_for_ready=True)
        return book.pages

    async def letters(self) -> list[DeadLetter]:
        """Return what is parked."""
        stub = DeadLettersStub(self.channel(NAME))
        found = await stub.List(ListDeadLettersRequest(), timeout=10, wait_for_ready=True)
        return list(found.letters)

    @property
    def timers(self) -> Any:
        """Return the stub of the timers."""
        return TimersStub(self.channel(NAME))

    def channel(self, name: str) -> grpc.aio.Channel:
        """Return the channel to a coordinator."""
        if name not in self._channels:
            self._channels[name] = grpc.aio.insecure_channel(self.address(name), options=OPTIONS)
        return self._channels[name]

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something that has to be awaited is true, at most ten seconds."""
        async with asyncio.timeout(10):
            while not await condition():
                await self.system.clock.sleep(0.01)

    async def aclose(self) -> None:
        """Stop everything."""
        for channel in self._channels.values():
            await channel.close()
        for name in tuple(reversed(self._running)):
            await self.stop(name)
        if self._server is not None:
            await self._server.stop(None)
        await self.system.tasks.aclose()

    def address(self, name: str) -> str:
        return f"unix:{self._directory / name}.sock"

    async def _run(self, name: str, serve: Any, flags: Sequence[str], store: MemoryStore) -> None:
        names = ("order", "stock", NAME)
        discovery = await StaticDiscovery.open(
            tuple(
                Component(name=it, kind="aggregate", domain=it, addresses=(self.address(it),))
                for it in names
            ),
            self.system,
        )
        told = [f"--listen={self.address(name)}", "--shutdown.drain_seconds=0", *flags]
        settings = load([*told, f"--component.logic={self.address('logic')}"], {})
        ports = Ports(system=self.system, store=store, bus=self._bus, discovery=discovery)
        stop = asyncio.Event()
        self._running[name] = stop, self.system.tasks.start(name, serve(settings, ports, stop))


def answer(*events: str, **timers: float) -> ProcessManagerHandleResponse:
    """Return a reply that records words and arms timers."""
    response = ProcessManagerHandleResponse()
    for text in events:
        response.process_events.pages.add().event.Pack(StringValue(value=text))
    for name, seconds in timers.items():
        response.timers.add(timer_type=name).after.FromMilliseconds(round(seconds * 1000))
    return response


def sending(text: str) -> ProcessManagerHandleResponse:
    """Return a reply that sends one command."""
    command = CommandBook.to("stock", ROOT, StringValue(value=text))
    return ProcessManagerHandleResponse(commands=[command])


def text_of(packed: Any) -> str:
    """Return the word of an event or command."""
    return StringValue.FromString(packed.value).value


def word_of(page: EventPage) -> str:
    """Return an event in words."""
    if page.event.Is(ProcessTimeout.DESCRIPTOR):
        return f"timeout {ProcessTimeout.FromString(page.event.value).timeout_type}"
    short = page.type_name.rpartition(".")[2]
    return text_of(page.event) if short == "StringValue" else short


def fired(request: ProcessManagerHandleRequest) -> bool:
    """Say whether a timer is what the process is shown."""
    return request.trigger.pages[-1].event.Is(ProcessTimeout.DESCRIPTOR)
