"""The ports of one simulated process: time, chance, tasks, threads, fault points."""

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from typing_extensions import override

from angzarr_ports import (
    Clock,
    Faults,
    Randomness,
    System,
    SystemMetrics,
    Tasks,
    Threads,
    Transport,
    Worker,
)
from angzarr_simulation._loop import SimulatedLoop
from angzarr_simulation._process import KilledError, Process

ResultT = TypeVar("ResultT")

START = datetime(2026, 1, 1, tzinfo=UTC)
SHORTEST_SECONDS, LONGEST_SECONDS = 0.000_01, 0.002


class SimulatedClock(Clock):
    """The time of the loop; the wall clock of a process may be wrong by its skew."""

    def __init__(self, loop: SimulatedLoop, process: Process) -> None:
        self._loop = loop
        self._process = process

    @override
    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.now + self._process.skew_seconds)

    @override
    def monotonic(self) -> float:
        return self._loop.now

    @override
    async def sleep(self, seconds: float) -> None:
        await self._loop.pause(seconds)


class SimulatedRandomness(Randomness):
    """Chance from the seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    @override
    def uniform(self, low: float, high: float) -> float:
        return self._chance.uniform(low, high)

    @override
    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self._chance.getrandbits(128), version=4)


class SimulatedTasks(Tasks):
    """Tasks of the loop, ended in the order in which they began."""

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._running: dict[asyncio.Task[None], None] = {}

    @override
    def start(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[task] = None
        task.add_done_callback(self._ended)
        return task

    @override
    async def aclose(self) -> None:
        while self._running:
            tasks = tuple(self._running)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_failure(task.get_name(), error)


class SimulatedWorker(Worker):
    """Runs functions inline, one after the other, some time after they were handed over."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._queue: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()

    @override
    async def call(self, function: Callable[[], ResultT]) -> ResultT:
        answer: asyncio.Future[ResultT] = self._loop.create_future()
        self._queue.append((function, answer))
        if len(self._queue) == 1:
            self._loop.call_later(lag(self._loop.chance), self._execute)
        return await answer

    @override
    async def aclose(self) -> None:
        await self.call(lambda: None)

    def _execute(self) -> None:
        function, answer = self._queue[0]
        try:
            result = function()
        except Exception as error:  # noqa: BLE001 - whatever it raised belongs to who called
            settle = (answer.set_exception, error)
        else:
            settle = (answer.set_result, result)
        self._loop.call_later(lag(self._loop.chance), self._settle, *settle)

    def _settle(self, settle: Callable[[Any], None], outcome: object) -> None:
        _, answer = self._queue.popleft()
        if not answer.done():
            settle(outcome)
        if self._queue:
            self._loop.call_later(lag(self._loop.chance), self._execute)


class SimulatedThreads(Threads):
    """No threads: workers of the loop."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    @override
    def worker(self, name: str) -> Worker:
        return SimulatedWorker(self._loop)


class KillingFaults(Faults):
    """Kills its process at a named point whenever `strikes(point)` says so."""

    def __init__(self, process: Process, strikes: Callable[[str], bool]) -> None:
        self._process = process
        self._strikes = strikes

    @override
    def at(self, point: str) -> None:
        if self._process.is_alive and self._strikes(point):
            self._process.kill()
            raise KilledError(point)


def lag(chance: random.Random) -> float:
    """Return how long a port takes, in seconds, never 0."""
    return SHORTEST_SECONDS + chance.random() * (LONGEST_SECONDS - SHORTEST_SECONDS)


def simulated_system(
    loop: SimulatedLoop,
    process: Process,
    transport: Transport,
    on_failure: Callable[[str, BaseException], None],
    strikes: Callable[[str], bool] = lambda _: False,
) -> System:
    """Return the ports of one process; `on_failure` hears of every task that died."""
    return System(
        clock=SimulatedClock(loop, process),
        randomness=SimulatedRandomness(loop.chance),
        tasks=SimulatedTasks(on_failure),
        threads=SimulatedThreads(loop),
        faults=KillingFaults(process, strikes),
        metrics=SystemMetrics(),
        transport=transport,
    )
