"""Faults by a schedule that a seed decides, and what each of them met."""

import asyncio
import os
import random
import resource
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

from .proxy import Proxy
from .servers import Servers
from .system import System

KINDS = {
    "gateway": ("gateway",),
    "aggregate": ("coordinator-order", "coordinator-stock"),
    "saga": ("coordinator-saga-order-stock",),
    "projector": ("coordinator-projector-order",),
    "logic": ("order", "stock", "saga-order-stock", "projector-order"),
}
STORING = ("aggregate", "saga", "projector")
NETWORK = {"cut": ("network",), "hold": ("network",), "supervisor": ("supervisor",)}
OPERATIONS = ("command", "repeat", "read", "reaction", "projection")
RAREST_FIRST = ("repeat", "read", "projection", "reaction", "command")
HELD_SECONDS = (0.2, 2.5)
DEATHS = 3  # five within five minutes, and the supervisor gives a process up
FILE_BYTES = 4096
LOOKS = 1000

Cell = tuple[str, str, str]
Step = tuple[str, str, str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """The processes of each kind, and the kinds that each fault strikes."""

    kinds: Mapping[str, Sequence[str]]
    places: Mapping[str, Sequence[str]]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return every fault with every kind that it strikes."""
        return [(fault, kind) for fault, kinds in self.places.items() for kind in kinds]

    def schedule(self, chance: random.Random, rounds: int) -> Iterator[Step]:
        """Yield (fault, kind, process, seconds); each of `pairs` comes once per round."""
        for _ in range(rounds):
            pairs = self.pairs
            chance.shuffle(pairs)
            for fault, kind in pairs:
                name = chance.choice(self.kinds.get(kind, (kind,)))
                yield fault, kind, name, chance.uniform(*HELD_SECONDS)


STANDALONE = Terrain(
    kinds=KINDS,
    places={
        "kill": tuple(KINDS),
        "pause": tuple(KINDS),
        "limit": STORING,
        "wipe": ("bus",),
        **NETWORK,
    },
)
DISTRIBUTED = Terrain(
    kinds={
        kind: [f"{it}.{replica}" for it in names for replica in (1, 2)]
        if kind in STORING
        else names
        for kind, names in KINDS.items()
    },
    places={
        "kill": tuple(KINDS),
        "pause": tuple(KINDS),
        "restart": ("postgres", "nats"),
        "wipe": ("bus",),
        **NETWORK,
    },
)


class Nemesis:
    """Strikes one system; `in_flight` tells which operations there are at any time."""

    def __init__(
        self, system: System, proxy: Proxy, in_flight: Callable[[], Mapping[str, int]]
    ) -> None:
        self.terrain = STANDALONE if system.servers is None else DISTRIBUTED
        self._system = system
        self._proxy = proxy
        self._in_flight = in_flight
        self._deaths: Counter[str] = Counter()
        self.matrix: Counter[Cell] = Counter()
        self._strikes: dict[str, Callable[[str, float], Awaitable[None]]] = {
            "kill": self._kill,
            "pause": self._pause,
            "limit": self._limit,
            "restart": self._restart,
            "wipe": self._wipe,
            "cut": self._cut,
            "hold": self._hold,
            "supervisor": self._supervisor,
        }

    async def strike(self, step: Step) -> None:
        """Do one step of a schedule, and wait until the process runs again."""
        fault, kind, name, seconds = step
        if fault in {"kill", "limit"}:
            if self._deaths[name] >= DEATHS:
                await self._supervisor(name, seconds)
            self._deaths[name] += 1
        await self._something_new(fault, kind)
        for operation, count in self._in_flight().items():
            self.matrix[operation, fault, kind] += count > 0
        await self._strikes[fault](name, seconds)

    def heal(self) -> None:
        """End every fault that lasts."""
        self._proxy.release()

    def empty_cells(self) -> list[Cell]:
        """Return what was never met, of everything that can be met."""
        cells = [(operation, *pair) for operation, pair in product(OPERATIONS, self.terrain.pairs)]
        return [cell for cell in cells if not self.matrix[cell]]

    def table(self) -> str:
        """Return the matrix as text: operations by faults and kinds."""
        lines = [f"{'':24}" + "".join(f"{it:>12}" for it in OPERATIONS)]
        for fault, kind in self.terrain.pairs:
            counts = (self.matrix[it, fault, kind] for it in OPERATIONS)
            lines.append(f"{fault + ' ' + kind:24}" + "".join(f"{it:>12}" for it in counts))
        return "\n".join(lines)

    async def _something_new(self, fault: str, kind: str) -> None:
        """Wait a moment for the rarest operation that this fault has not met yet."""
        missing = [it for it in RAREST_FIRST if not self.matrix[it, fault, kind]]
        for _ in range(LOOKS if missing else 0):
            if self._in_flight()[missing[0]]:
                return
            await asyncio.sleep(0.002)

    async def _kill(self, name: str, _seconds: float) -> None:
        pid = self._pid(name)
        self._signal(pid, signal.SIGKILL)
        await self._system.replaced(name, pid)

    async def _pause(self, name: str, seconds: float) -> None:
        pid = self._pid(name)
        self._signal(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._signal(pid, signal.SIGCONT)

    async def _limit(self, name: str, _seconds: float) -> None:
        """Make every further write of the process fail, as a broken disk does."""
        pid = self._pid(name)
        with suppress(ProcessLookupError):
            if pid:  # 0 would be this process
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
        await self._system.replaced(name, pid)

    async def _restart(self, name: str, _seconds: float) -> None:
        servers = self._servers
        restarts = {
            "postgres": servers.restart_postgres,
            "nats": lambda: servers.restart_nats(wiped=False),
        }
        await asyncio.to_thread(restarts[name])

    async def _wipe(self, _name: str, _seconds: float) -> None:
        if self._system.servers is not None:
            return await asyncio.to_thread(lambda: self._servers.restart_nats(wiped=True))
        for path in await asyncio.to_thread(list, self._system.run_directory.glob("*.pipe")):
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return None

    @property
    def _servers(self) -> Servers:
        assert self._system.servers is not None
        return self._system.servers

    async def _cut(self, _name: str, _seconds: float) -> None:
        self._proxy.cut()

    async def _hold(self, _name: str, seconds: float) -> None:
        self._proxy.hold()
        await asyncio.sleep(seconds)
        self._proxy.release()

    async def _supervisor(self, _name: str, _seconds: float) -> None:
        await self._system.kill()
        self._deaths.clear()
        await self._system.start()

    def _pid(self, name: str) -> int:
        return self._system.processes()[name].pid

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, number)
