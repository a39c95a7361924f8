"""One dedicated thread per owner, and the hand-off to it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from typing_extensions import override

ResultT = TypeVar("ResultT")


async def shielded(answer: asyncio.Future[ResultT]) -> ResultT:
    """Return or raise what comes of `answer`, which goes on if the caller is cancelled.

    What it then raises is nobody's. `asyncio.shield` would report it as never retrieved to the
    handler of the loop, where a process ends.
    """
    ended = asyncio.get_running_loop().create_future()

    def end(_: asyncio.Future[ResultT]) -> None:
        if not answer.cancelled():
            answer.exception()
        if not ended.done():
            ended.set_result(None)

    answer.add_done_callback(end)
    await ended
    return answer.result()


class Worker(ABC):
    """Runs blocking functions one after the other, always on the same thread.

    Rule: reliability.md §2.3: cancelling the caller never stops or half-does a function.
    """

    @abstractmethod
    async def call(self, function: Callable[[], ResultT]) -> ResultT:
        """Return what `function` returned, or raise what it raised.

        A cancelled caller leaves `function` running to its end; its result or error is dropped.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Wait for the function that runs and end the thread."""


class Threads(ABC):
    """Makes workers."""

    @abstractmethod
    def worker(self, name: str) -> Worker:
        """Return a new worker; `name` is the thread's name."""


class SystemWorker(Worker):
    """A thread of this process."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    @override
    async def call(self, function: Callable[[], ResultT]) -> ResultT:
        loop = asyncio.get_running_loop()
        return await shielded(loop.run_in_executor(self._executor, function))

    @override
    async def aclose(self) -> None:
        await self.call(lambda: None)
        self._executor.shutdown(wait=False)


class SystemThreads(Threads):
    """Threads of this process."""

    @override
    def worker(self, name: str) -> Worker:
        return SystemWorker(name)
