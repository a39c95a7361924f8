"""What every process of a system holds: memory, descriptors, threads, tasks."""

import asyncio
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from angzarr_telemetry import get, samples_of

from .system import System

SAMPLE_SECONDS = 0.5
MEBIBYTES_PER_MINUTE = 1.0
PAGE_MEBIBYTES = os.sysconf("SC_PAGE_SIZE") / 2**20
HELD = {"angzarr_open_fds": "descriptors", "angzarr_threads": "threads", "angzarr_tasks": "tasks"}
SPARE = {"descriptors": 2, "threads": 1, "tasks": 4}

Held = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The resident memory of one process at one time."""

    seconds: float
    mebibytes: float


class Soak:
    """Watches the processes of a system, which must be the same from the start to the end."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._pids = {name: it.pid for name, it in system.processes().items()}
        self._pids["supervisor"] = system.status.pid
        self._memory: dict[str, list[Memory]] = defaultdict(list)

    async def levelled(self, patience: Callable[[], bool], seconds: float) -> dict[str, float]:
        """Wait until no process has grown in the last `seconds`; return who grows for ever.

        Units: MiB per minute. `patience` is asked whether to wait on.
        """
        began = time.monotonic()
        growing = dict.fromkeys(self._pids, math.inf)
        while growing and patience():
            await asyncio.sleep(SAMPLE_SECONDS)
            self._sample()
            if time.monotonic() - began >= seconds:
                found = {name: _slope(it, seconds) for name, it in self._memory.items()}
                growing = {it: rate for it, rate in found.items() if rate >= MEBIBYTES_PER_MINUTE}
        return growing

    def table(self) -> str:
        """Return first and last sample of every process."""
        return "\n".join(
            f"{name:32}{it[0].mebibytes:8.1f} MiB ->{it[-1].mebibytes:8.1f} MiB"
            for name, it in self._memory.items()
        )

    def _sample(self) -> None:
        for name, pid in self._pids.items():
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            found = Memory(seconds=time.monotonic(), mebibytes=pages * PAGE_MEBIBYTES)
            self._memory[name].append(found)

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


def _slope(samples: list[Memory], seconds: float) -> float:
    recent = [it for it in samples if it.seconds >= samples[-1].seconds - seconds]
    times = [it.seconds / 60 for it in recent]
    return linear_regression(times, [it.mebibytes for it in recent]).slope


def _kernel(name: str, pid: int) -> Iterator[tuple[tuple[str, str], int]]:
    yield (f"logic {name}", "descriptors"), len(list(Path(f"/proc/{pid}/fd").iterdir()))
    yield (f"logic {name}", "threads"), len(list(Path(f"/proc/{pid}/task").iterdir()))
