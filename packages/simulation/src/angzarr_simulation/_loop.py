"""An event loop whose order comes from a seed and whose time is virtual (reliability.md §8)."""

import asyncio
import contextvars
import gc
import hashlib
import heapq
import random
import sys
from asyncio import events
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, TypeVar

from typing_extensions import override

from angzarr_simulation._process import PROCESS, KilledError, Process

ResultT = TypeVar("ResultT")

RUSH = 0.02
LIMIT_TURNS = 200_000


class StuckError(Exception):
    """The scenario can never end: nothing is ready and nobody waits for a time."""


class _Handle(asyncio.TimerHandle):
    """A callback in its context; much lighter than its base, whose state it does not use."""

    __slots__ = ("args", "callback", "context", "is_cancelled", "time")

    def __init__(
        self,
        time: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: contextvars.Context,
    ) -> None:
        self.time = time
        self.callback = callback
        self.args = args
        self.context = context
        self.is_cancelled = False

    @override
    def cancel(self) -> None:
        self.is_cancelled = True

    @override
    def cancelled(self) -> bool:
        return self.is_cancelled

    @override
    def when(self) -> float:
        return float(self.time)


class _Task(asyncio.Task[ResultT]):
    """A task with a number: sets of tasks, which asyncio keeps, then have the same order again."""

    def __init__(self, number: int, coro: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        self._number = number
        super().__init__(coro, **options)

    @override
    def __hash__(self) -> int:
        return self._number


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs one ready handle per turn, chosen by `chance`."""

    _is_over = True

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.now = 0.0
        self._serial = 0
        self._ready: list[_Handle] = []
        self._timers: list[tuple[float, int, _Handle | asyncio.Future[None]]] = []
        self._order = bytearray()
        self._tasks: list[_Task[Any]] = []
        self._failure: BaseException | None = None
        self._is_over = False

    def run(self, scenario: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Return what `scenario` returns; whatever still waits then is dropped where it stands.

        Raises:
            StuckError: it can never end, or takes more turns than any should.
        """
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(finalizer=self._close_generator)
        events._set_running_loop(self)  # noqa: SLF001 - what BaseEventLoop does
        is_collecting = gc.isenabled()
        gc.disable()
        try:
            main = self.create_task(scenario)
            while not main.done() and len(self._order) < LIMIT_TURNS:
                self._turn()
                if self._failure is not None:
                    raise self._failure
            if not main.done():
                raise StuckError(f"no end after {LIMIT_TURNS} turns")
            return main.result()
        finally:
            self._drop()
            events._set_running_loop(None)  # noqa: SLF001 - what BaseEventLoop does
            sys.set_asyncgen_hooks(*hooks)
            if is_collecting:
                gc.enable()

    def _turn(self) -> None:
        ready, timers, random = self._ready, self._timers, self.chance.random
        if not ready or random() < RUSH or (timers and timers[0][0] <= self.now):
            self._advance()
        count = len(ready)
        if not count:
            return
        at = int(random() * count) if count > 1 else 0
        handle, ready[at] = ready[at], ready[-1]
        del ready[-1]
        if handle.is_cancelled:
            return
        self._order.append((at + 31 * count) & 0xFF)
        process = handle.context.get(PROCESS)
        if process is not None and not process.runs:
            process.hold(handle)
            return
        try:
            handle.context.run(handle.callback, *handle.args)
        except KilledError:
            return

    def _advance(self) -> None:
        """Make due what is due, or else the next timer, for which time jumps."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not timers and not self._ready:
            raise StuckError("nothing is ready, and nobody waits for a time")
        if timers and timers[0][0] > self.now:
            self.now = timers[0][0]
        while timers and timers[0][0] <= self.now:
            due = heapq.heappop(timers)[2]
            if isinstance(due, _Handle):
                self._ready.append(due)
            elif not due.done():
                due.set_result(None)

    def _drop(self) -> None:
        """Destroy what was begun and did not end, without letting any of it run on."""
        self._is_over = True
        self._ready.clear()
        self._timers.clear()
        for task in self._tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - a loop's right
            if not task.done():
                _close(task.get_coro())
        self._tasks.clear()

    @property
    def trace(self) -> str:
        """Return what differs between two runs whose orders do: turns, time, digest of choices."""
        return f"{len(self._order)}:{self.now}:{hashlib.sha256(self._order).hexdigest()}"

    def pause(self, seconds: float) -> asyncio.Future[None]:
        """Return what is done after a time; it wakes who awaits it in one turn, not in two."""
        done: asyncio.Future[None] = asyncio.Future(loop=self)
        if not self._is_over:
            self._serial += 1
            heapq.heappush(self._timers, (self.now + seconds, self._serial, done))
        return done

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on."""
        self._ready.extend(process.thaw())

    def _close_generator(self, generator: AsyncGenerator[Any, Any]) -> None:
        if not self._is_over:
            self.call_soon(self._spawn, generator.aclose())

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self.create_task(work)

    @override
    def time(self) -> float:
        return self.now

    @override
    def call_soon(  # type: ignore[override]  # called once per turn
        self, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.Handle:
        within = contextvars.copy_context() if context is None else context
        handle = _Handle(0.0, callback, args, within)
        if not self._is_over:
            self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there is one thread

    @override
    def call_later(  # type: ignore[override]  # see call_at
        self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        return self._set(self.now + delay, callback, args, context)

    @override
    def call_at(  # type: ignore[override]  # the context is a Context or None
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        return self._set(when, callback, args, context)

    def _set(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: contextvars.Context | None,
    ) -> asyncio.TimerHandle:
        within = contextvars.copy_context() if context is None else context
        handle = _Handle(when, callback, args, within)
        if not self._is_over:
            self._serial += 1
            heapq.heappush(self._timers, (when, self._serial, handle))
        return handle

    @override
    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    @override
    def create_task(  # type: ignore[override]  # the types of AbstractEventLoop vary by version
        self,
        coro: Generator[Any, None, ResultT] | Coroutine[Any, Any, ResultT],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[ResultT]:
        self._serial += 1
        task = _Task[ResultT](self._serial, coro, loop=self, name=name or "task", context=context)
        self._tasks.append(task)
        return task

    @override
    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note the failure of a callback; that of a task belongs to whoever awaits it."""
        if "task" not in context and "future" not in context and not self._is_over:
            self._failure = context.get("exception") or RuntimeError(context["message"])

    @override
    def get_debug(self) -> bool:
        return False

    @override
    def is_running(self) -> bool:
        return not self._is_over

    @override
    def is_closed(self) -> bool:
        return self._is_over


def _close(coroutine: Any) -> None:  # noqa: ANN401 - a coroutine or generator
    """Close a coroutine that may wait again on its way out."""
    for _ in range(100):
        try:
            coroutine.close()
        except RuntimeError:
            continue
        except BaseException:  # noqa: BLE001 - whatever its last blocks raise, it is over
            return
        return


def run(seed: int, scenario: Callable[[SimulatedLoop], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Return what `scenario(loop)` returns in a loop of its own, the same for the same seed.

    Raises:
        StuckError: it can never end.
    """
    loop = SimulatedLoop(random.Random(seed))  # noqa: S311 - a run must be repeatable
    return loop.run(scenario(loop))
