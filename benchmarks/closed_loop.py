"""A closed loop: so many callers, each with one call at a time."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

WINDOWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one number of calls in flight gives; the rate is the median of equal windows."""

    in_flight: int
    per_second: float
    p50_ms: float
    p99_ms: float


class Samples:
    """Calls that succeeded, from now on for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._window_seconds = seconds / WINDOWS
        self._began = time.perf_counter()
        self._end = self._began + seconds
        self._counts = [0] * WINDOWS
        self._total = 0
        self._taken_seconds: list[float] = []

    def __len__(self) -> int:
        """Return how many calls have succeeded."""
        return len(self._taken_seconds)

    @property
    def is_open(self) -> bool:
        """Say whether another call may begin."""
        return time.perf_counter() < self._end

    def add(self, began: float, *, count: int = 1) -> None:
        """Record a call that has just ended and did `count` things."""
        now = time.perf_counter()
        self._taken_seconds.append(now - began)
        self._total += count
        window = int((now - self._began) / self._window_seconds)
        if window < WINDOWS:
            self._counts[window] += count

    def point(self, in_flight: int) -> Point:
        """Return the rate and the latencies; there must be a sample."""
        taken = sorted(self._taken_seconds)
        usual = statistics.median(self._counts) or self._total / WINDOWS
        return Point(
            in_flight=in_flight,
            per_second=round(usual / self._window_seconds, 1),
            p50_ms=round(statistics.median(taken) * 1000, 3),
            p99_ms=round(taken[int(len(taken) * 0.99)] * 1000, 3),
        )


async def closed_loop(
    call: Callable[[], Awaitable[bool]], *, in_flight: int, seconds: float
) -> Samples:
    """Return the samples of `call`, which says whether it succeeded."""
    samples = Samples(seconds)
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(_caller(call, samples))
    return samples


async def _caller(call: Callable[[], Awaitable[bool]], samples: Samples) -> None:
    while samples.is_open:
        began = time.perf_counter()
        if await call():
            samples.add(began)
