"""What a system stands on: this machine, or a simulated loop."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from angzarr_bus import Bus, BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_ports import System, real_system
from angzarr_simulation import (
    Chances,
    Dice,
    Disk,
    Failures,
    Network,
    Process,
    SimulatedBus,
    SimulatedLoop,
    SimulatedStore,
    simulated_system,
)
from angzarr_store import Backlog, Change, EventLog, FeedPage, Lease, Store, StoreConfig
from angzarr_store_memory import MemoryStore
from angzarr_testing._host import private_directory

GROUP, PAGES, FRAMES = 3, 8, 4


class _Nobody:
    """Watches no disk."""

    def opened(self, log: EventLog) -> None:
        """Take a log."""

    def leased(self, lease: Lease, backlog: Backlog) -> None:
        """Take a subscription."""

    def committed(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Take a transaction."""

    def fed(self, domain: str, after: int, page: FeedPage) -> None:
        """Take a reply of the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Ports, a bus, and where sockets lie.

    Shape: `disk` is what stores are written to, None means memory; `dice` are thrown for faults.
    """

    system: System
    directory: Path
    bus: Bus
    disk: Disk | None = None
    dice: Dice | None = None

    def begin(self, faults: Chances) -> None:
        """Let things go wrong from now on."""
        if self.dice is not None:
            self.dice.chances = faults

    async def store(self, name: str) -> Store:
        """Return the empty store of a component."""
        inner = await MemoryStore.open(StoreConfig(url="", component=name), self.system)
        if self.disk is None:
            return inner
        return SimulatedStore(inner, self.disk, _Nobody(), limit_pages=PAGES)


@asynccontextmanager
async def machine(failures: Failures) -> AsyncIterator[Ground]:
    """Stand on this machine, with sockets in a private directory."""
    system = real_system(failures.note)
    async with private_directory(system.threads) as directory:
        bus = await ChannelBus.open(BusConfig(url=""), system)
        yield Ground(system=system, directory=directory, bus=bus)


@asynccontextmanager
async def simulated(loop: SimulatedLoop, failures: Failures) -> AsyncIterator[Ground]:
    """Stand on a simulated loop, where everything takes time; nothing goes wrong yet."""
    process = Process("system")
    dice = Dice(loop.chance, Chances(), lambda *_: None)
    reach = Network(loop, dice).reach_of(process)
    yield Ground(
        system=simulated_system(loop, process, reach, failures.note),
        directory=Path("/simulated"),
        bus=SimulatedBus(loop, dice, limit_frames=FRAMES),
        disk=Disk(loop, process, dice, limit_group=GROUP),
        dice=dice,
    )
