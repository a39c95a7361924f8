"""A whole system of real coordinators in one simulated loop, killed and started again."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import replace

import angzarr_coordinator_aggregate
import angzarr_coordinator_process_manager
import angzarr_coordinator_projector
import angzarr_coordinator_saga
import angzarr_gateway
from angzarr_client import Router, serve_logic
from angzarr_discovery import Component as Known
from angzarr_discovery import DiscoveryError, Interest
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System
from angzarr_service import Ports
from angzarr_settings import ComponentSettings, InterestSettings, Settings, TimeoutSettings
from angzarr_simulation import (
    Dice,
    Disk,
    Network,
    Process,
    SimulatedBus,
    SimulatedLoop,
    simulated_system,
)
from angzarr_store import (
    FencedError,
    Ledger,
    RefusedError,
    Store,
    StoreConfig,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_memory import MemoryStore
from angzarr_store_sqlite import SqliteStore

from .alarms import Alarms
from .links import LinkedNetwork
from .plan import Plan
from .process_logic import ProcessManager
from .recorder import Recorder
from .shop_logic import Aggregate, Kind, Order, Projector, Saga
from .sqlite import Onlooker, OwnDisk
from .witness import Witness, WitnessedStore

KINDS = {"saga": "saga", "projector": "projector", "process": "process_manager"}
GATEWAY = "unix:/sim/gateway"
EXPECTED_ENDS = (
    FencedError,
    RefusedError,
    StoreUnavailableError,
    UnknownOutcomeError,
    DiscoveryError,
)

Serve = Callable[[Settings, Ports, asyncio.Event], Awaitable[None]]


class Shop:
    """A few components and their logic; whoever dies is started again a little later."""

    def __init__(self, loop: SimulatedLoop, plan: Plan, recorder: Recorder) -> None:
        self.loop = loop
        self.plan = plan
        self.recorder = recorder
        self.dice = Dice(loop.chance, plan.chances, recorder.struck)
        network = LinkedNetwork if plan.features.has_links else Network
        self.network = network(loop, self.dice)
        self.bus = SimulatedBus(loop, self.dice, limit_frames=plan.limit_frames)
        self.processes: dict[str, Process] = {}
        self._lives: list[Process] = []
        self.surprises: list[str] = []
        self.is_healed = self.is_cured = False
        self.ledgers: dict[str, Ledger] = {}
        self.stops: dict[str, asyncio.Event] = {}
        self.directory = ""
        self.features = plan.features
        self._settings = {name: self._settings_of(name) for name in self.features.names}
        self._memory: dict[str, MemoryStore] = {}
        self._context = contextvars.Context()
        self._clock = self.client_system("nobody").clock
        self._discovery = StaticDiscovery(
            tuple(self._known(name) for name in self.features.coordinators)
        )

    def start(self, name: str) -> None:
        """Begin a life of a component."""
        process = self.processes[name] = Process(name)
        self._lives.append(process)
        stop = self.stops[name] = asyncio.Event()
        process.when_killed(lambda: self._died(process))
        ports = simulated_system(
            self.loop,
            process,
            self.network.reach_of(process),
            lambda _, error: self._ended(process, error),
            lambda _: self._kills(process),
        )
        alarms = Alarms(self.surprises.append, lies="wrong" in self.plan.logic)
        system = replace(ports, metrics=alarms)
        work = self._work(name, process, system, stop)
        main = self.loop.create_task(work, context=process.context)
        main.add_done_callback(
            lambda task: self._ended(process, task.exception()), context=self._context
        )

    def heal(self) -> None:
        """Let nothing more go wrong, and everything that stopped go on."""
        self.is_healed = True
        self.plan.chances.heal()
        self.network.parted.clear()
        for process in self._lives:  # one that was displaced may be the owner yet
            process.skew_seconds = 0.0
        for process in self.processes.values():
            if process.is_alive and not process.runs:
                self.loop.thaw(process)

    def is_struck(self, fault: str) -> bool:
        """Say whether logic goes wrong now."""
        if self.is_healed or fault not in self.plan.logic or self.loop.chance.random() > 0.05:
            return False
        self.recorder.struck(fault, "logic-")
        return True

    async def hesitate(self) -> None:
        """Be slow, or silent for longer than anybody waits."""
        if self.is_struck("slow"):
            await self.sleep(0.3)
        if self.is_struck("silent"):
            await self.sleep(60.0)

    def poisons(self, order: Order) -> bool:
        """Say whether a subscriber fails on an event."""
        return order.kind is Kind.POISON and not self.is_cured

    def inputs(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield (domain, type) of what a subscriber reads."""
        return self.features.inputs(name)

    @property
    def undoes(self) -> bool:
        """Say whether aggregates take something back when a command is rejected."""
        return self.features.undoes

    @property
    def offers(self) -> bool:
        """Say whether logic says what its events add up to."""
        return self.features.snapshot_every > 0

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        await self._clock.sleep(seconds)

    def client_system(self, name: str) -> System:
        """Return the ports of a client."""
        process = Process(name)
        reach = self.network.reach_of(process)
        return simulated_system(self.loop, process, reach, lambda *_: None)

    def _kills(self, process: Process) -> bool:
        if self.is_healed or self.loop.chance.random() >= self.plan.point_share:
            return False
        self.recorder.struck("point", process.name)
        return True

    def _work(
        self, name: str, process: Process, system: System, stop: asyncio.Event
    ) -> Coroutine[object, object, None]:
        settings = self._settings[name]
        if name == "gateway":
            return angzarr_gateway.serve(settings, system, self._discovery, stop)
        if name.startswith("logic-"):
            return self._logic(name.removeprefix("logic-"), system, stop)
        return self._coordinate(name, settings, (process, system), stop)

    async def _coordinate(
        self, name: str, settings: Settings, owner: tuple[Process, System], stop: asyncio.Event
    ) -> None:
        process, system = owner
        serve: Serve = {
            "saga": angzarr_coordinator_saga.serve,
            "projector": angzarr_coordinator_projector.serve,
            "process": angzarr_coordinator_process_manager.serve,
        }.get(name, angzarr_coordinator_aggregate.serve)
        store = await self.open_store(name, process, system)
        ports = Ports(system=system, store=store, bus=self.bus, discovery=self._discovery)
        await serve(settings, ports, stop)
        await store.aclose()

    async def open_store(self, name: str, process: Process, system: System) -> Store:
        """Return the component's store over the rows that its lives share."""
        inner, watcher, disk = await self._opened(name, system)
        self.ledgers[name] = inner.ledger
        return WitnessedStore(
            inner,
            disk(self.loop, process, self.dice, limit_group=self.plan.limit_group),
            watcher,
            limit_pages=self.plan.limit_pages,
        )

    async def _opened(self, name: str, system: System) -> tuple[Store, Witness, type[Disk]]:
        if self.directory:
            config = StoreConfig(url=self.directory, component=name, volatile=True)
            return await SqliteStore.open(config, system), Onlooker(self.recorder), OwnDisk
        memory = self._memory.setdefault(name, await self._new(name, system))
        return memory.reopen(), self.recorder, Disk

    async def _new(self, name: str, system: System) -> MemoryStore:
        return await MemoryStore.open(StoreConfig(url="", component=name), system)

    async def _logic(self, name: str, system: System, stop: asyncio.Event) -> None:
        asked = self.recorder.asked
        logic: Router = Aggregate(name, self)
        if name == "saga":
            logic = Saga("saga", self.plan.roots, self, asked)
        elif name == "projector":
            logic = Projector("projector", self, asked)
        elif name == "process":
            logic = ProcessManager("process", self.plan.roots, self, asked)
        await serve_logic(logic, f"unix:/sim/logic-{name}", system, stop)

    def _known(self, name: str) -> Known:
        reads = () if name not in KINDS else self.features.inputs(name)
        return Known(
            name=name,
            kind=KINDS.get(name, "aggregate"),
            domain="" if name in {"saga", "projector"} else name,
            addresses=(f"unix:/sim/{name}",),
            inputs=tuple(Interest(domain=domain, types=(type_,)) for domain, type_ in reads),
        )

    def _settings_of(self, name: str) -> Settings:
        is_told = self.plan.is_declared and name in KINDS
        reads = self.features.inputs(name) if is_told else ()
        sends = InterestSettings(domain="stock", types=("sim.Do",))
        timeout = TimeoutSettings(after=0.7, until=("sim.Undone",))
        component = ComponentSettings(
            name=name,
            domain="" if name in {"saga", "projector"} else name,
            logic=f"unix:/sim/logic-{name}",
            inputs=tuple(InterestSettings(domain=it, types=(type_,)) for it, type_ in reads),
            outputs=(sends,) if is_told and name != "projector" else (),
            timeouts={"quiet": timeout} if self.features.times_out else {},
            editions="all" if self.features.follows == "all" else "main",
        )
        return replace(self.plan.settings, listen=f"unix:/sim/{name}", component=component)

    def _ended(self, process: Process, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, EXPECTED_ENDS):
            self.surprises.append(f"{process.name} died of {error!r}")
        process.kill()

    def _died(self, process: Process) -> None:
        if self.processes[process.name] is process and not self.stops[process.name].is_set():
            if self.directory:  # its file is closed now; rows in memory can still be read
                self.recorder.logs.pop(process.name, None)
            pause = 0.01 + 0.5 * self.loop.chance.random()
            self.loop.call_later(pause, self._again, process, context=self._context)

    def _again(self, process: Process) -> None:
        if self.processes[process.name] is process:
            self.start(process.name)
