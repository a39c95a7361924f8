"""How the process itself is: its loop, tasks, threads, open files (reliability.md §11, §12)."""

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from angzarr_ports import Metric, MetricKind, System

LOOP_STALL = Metric(
    name="angzarr_loop_stall_seconds",
    help="How long the event loop did not turn, when it was 50 ms or more.",
    kind=MetricKind.HISTOGRAM,
)
TASKS = Metric(name="angzarr_tasks", help="Tasks of the event loop.", kind=MetricKind.GAUGE)
THREADS = Metric(name="angzarr_threads", help="Threads.", kind=MetricKind.GAUGE)
OPEN_FDS = Metric(name="angzarr_open_fds", help="Open descriptors.", kind=MetricKind.GAUGE)
BUILD_INFO = Metric(
    name="angzarr_build_info",
    help="1, with the version that runs.",
    kind=MetricKind.GAUGE,
    labels=("version",),
)

TICK_SECONDS = 0.25
STALL_SECONDS = 0.05
TICKS_PER_COUNT = 20
LOOK_SECONDS = 1.0
LOOKS = 5
STALLED_EXIT = 70


async def sample_process(system: System) -> None:
    """Measure the stalls of the loop and count what the process holds, until cancelled."""
    system.metrics.set(BUILD_INFO, 1, version=metadata.version("angzarr-telemetry"))
    descriptors = system.threads.worker("descriptors")
    try:
        while True:
            system.metrics.set(TASKS, len(asyncio.all_tasks()))
            system.metrics.set(THREADS, threading.active_count())
            system.metrics.set(OPEN_FDS, await descriptors.call(_open_descriptors))
            for _ in range(TICKS_PER_COUNT):
                await _tick(system)
    finally:
        await descriptors.aclose()


async def _tick(system: System) -> None:
    began = system.clock.monotonic()
    await system.clock.sleep(TICK_SECONDS)
    late = system.clock.monotonic() - began - TICK_SECONDS
    if late >= STALL_SECONDS:
        system.metrics.observe(LOOP_STALL, late)


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Watchdog:
    """Ends the process when its loop has not turned for five seconds.

    It counts its own looks, one a second, and not the clock: a process that was stopped or a
    machine that slept stopped the watchdog as well, which costs one look at most. A debugger that
    holds the loop is no stall.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
        self._loop = loop
        self._end = end
        self._turned = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def close(self) -> None:
        """Watch no longer."""
        self._closed.set()

    def _watch(self) -> None:
        missed = 0
        while missed < LOOKS:
            self._turned.clear()
            self._loop.call_soon_threadsafe(self._turned.set)
            if self._closed.wait(LOOK_SECONDS):
                return
            held = self._turned.is_set() or sys.gettrace() is not None
            missed = 0 if held else missed + 1
        self._end()


def end_with_stacks() -> None:
    """Write the stack of every thread to standard error and end the process at once."""
    faulthandler.dump_traceback(all_threads=True)
    os._exit(STALLED_EXIT)
