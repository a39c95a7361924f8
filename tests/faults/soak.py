"""What every process of a system holds: memory, descriptors, threads, tasks."""

import asyncio
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from angzarr_telemetry import get, samples_of

from .system import System

SAMPLE_SECONDS = 0.5
COUNT_SECONDS = 5.5  # a process counts what it holds every five
PAGE_MEBIBYTES = os.sysconf("SC_PAGE_SIZE") / 2**20
HELD = {"angzarr_open_fds": "descriptors", "angzarr_threads": "threads", "angzarr_tasks": "tasks"}
SPARE = {"descriptors": 2, "threads": 1, "tasks": 4}

Held = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The resident memory of one process when so much was done."""

    at: float
    mebibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is growth: so many MiB per unit, over the last `window` units.

    Units: minutes or thousands of commands; `patience` of them, and it is growth for ever.
    """

    mebibytes: float
    window: float
    patience: float


class Soak:
    """Watches the processes of a system, which must be the same from the start to the end."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._pids = {name: it.pid for name, it in system.processes().items()}
        self._pids["supervisor"] = system.status.pid
        self._memory: dict[str, list[Memory]] = defaultdict(list)

    async def levelled(self, passed: Callable[[], float], pace: Pace) -> dict[str, float]:
        """Wait until nobody grows as fast as that; return who does so for ever, with MiB per unit.

        Units: `passed` tells how much was done, in those of the pace.
        """
        growing = dict.fromkeys(self._pids, math.inf)
        while growing and passed() < pace.patience:
            await asyncio.sleep(SAMPLE_SECONDS)
            self._sample(passed())
            if passed() >= pace.window:
                found = {name: _slope(it, pace.window) for name, it in self._memory.items()}
                growing = {
                    it: round(rate, 1) for it, rate in found.items() if rate >= pace.mebibytes
                }
        return growing

    def table(self) -> str:
        """Return first and last sample of every process."""
        return "\n".join(
            f"{name:32}{it[0].mebibytes:8.1f} MiB ->{it[-1].mebibytes:8.1f} MiB"
            for name, it in self._memory.items()
        )

    def _sample(self, at: float) -> None:
        for name, pid in self._pids.items():
            self._memory[name].append(Memory(at=at, mebibytes=resident(pid)))

    async def rested(self) -> Held:
        """Return what is held now that nothing is done, and not what was when it was started."""
        await asyncio.sleep(COUNT_SECONDS)
        return await self.held()

    async def held(self) -> Held:
        """Return the descriptors, threads and tasks of every process, as it tells itself.

        Logic tells nothing: the kernel does.
        """
        _, body = await get(self._system.status.monitoring, "/metrics", timeout_seconds=20)
        told = {
            (it.labels["component"], HELD[it.name]): int(it.value)
            for it in samples_of(body.decode())
            if it.name in HELD
        }
        processes = self._system.processes().values()
        logic = (it for it in processes if it.role == "logic")
        return {**told, **{pair: count for it in logic for pair, count in _kernel(it.name, it.pid)}}


def grown(before: Held, now: Held) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what has grown by more than a call or two that happen to be under way."""
    return {
        what: (before[what], count)
        for what, count in now.items()
        if count > before[what] + SPARE[what[1]]
    }


def resident(pid: int) -> float:
    """Return the MiB of memory that a process has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE_MEBIBYTES


def _slope(samples: list[Memory], window: float) -> float:
    recent = [it for it in samples if it.at >= samples[-1].at - window]
    places = [it.at for it in recent]
    if len({*places}) < 2:
        return math.inf
    return linear_regression(places, [it.mebibytes for it in recent]).slope


def _kernel(name: str, pid: int) -> Iterator[tuple[tuple[str, str], int]]:
    yield (f"logic {name}", "descriptors"), len(list(Path(f"/proc/{pid}/fd").iterdir()))
    yield (f"logic {name}", "threads"), len(list(Path(f"/proc/{pid}/task").iterdir()))
