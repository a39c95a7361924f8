"""The writes of one simulated process: queued, grouped, synced and lost."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from angzarr_simulation._chances import Dice
from angzarr_simulation._loop import SimulatedLoop
from angzarr_simulation._ports import lag
from angzarr_simulation._process import Process
from angzarr_store import StoreError, StoreFullError

Write = Callable[[], Coroutine[Any, Any, Any]]


class Disk:
    """The writes of one process: queued, then a group at once, then the answers.

    A kill before the group is written loses it; after it, only the answers.
    """

    def __init__(
        self, loop: SimulatedLoop, process: Process, dice: Dice, *, limit_group: int
    ) -> None:
        self.loop = loop
        self.process = process
        self.dice = dice
        self._limit_group = limit_group
        self._queue: deque[tuple[Write, asyncio.Future[Any]]] = deque()
        self._is_busy = False

    async def write(self, effect: Write) -> Any:  # noqa: ANN401 - what the effect returns
        """Return what `effect` returns, which ends without waiting; a cancel does not stop it."""
        answer: asyncio.Future[Any] = self.loop.create_future()
        self._queue.append((effect, answer))
        if not self._is_busy:
            self._is_busy = True
            self.later(self._sync)
        return await answer

    def pause(self) -> asyncio.Future[None]:
        """Return what is done after as long as a port takes."""
        return self.loop.pause(lag(self.loop.chance))

    def later(self, work: Callable[..., None], *arguments: object) -> None:
        """Do something as part of the process, unless it is killed before."""
        self.loop.call_later(lag(self.loop.chance), work, *arguments)

    def _sync(self) -> None:
        answers: list[tuple[asyncio.Future[Any], object]] = []
        is_full = self.dice.strikes("fill", self.process.name)
        while self._queue and len(answers) < self._limit_group:
            effect, answer = self._queue.popleft()
            outcome = StoreFullError("Store is full") if is_full else finished(effect())
            answers.append((answer, outcome))
        self.later(self._answer, answers)

    def _answer(self, answers: list[tuple[asyncio.Future[Any], object]]) -> None:
        for answer, outcome in answers:
            if answer.done():
                continue
            if isinstance(outcome, StoreError):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
        self._is_busy = bool(self._queue)
        if self._is_busy:
            self.later(self._sync)


def finished(work: Coroutine[Any, Any, Any]) -> object:
    """Return what `work` returns or the StoreError it raises; it ends without waiting."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    except StoreError as error:
        return error
    work.close()
    raise TypeError("a store in memory never waits")
