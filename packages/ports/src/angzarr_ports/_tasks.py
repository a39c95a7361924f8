"""Background tasks that are owned: the death of one is never unnoticed."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine

from typing_extensions import override


class Tasks(ABC):
    """Starts work that outlives the function that started it.

    Rule: reliability.md §13 N45. `on_failure` is called with the name and the error of a task
    that raised; a process shell ends the process there.
    """

    @abstractmethod
    def start(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run `work` concurrently and keep it alive until it ends or `aclose`."""

    @abstractmethod
    async def aclose(self) -> None:
        """Cancel what still runs and wait until it has ended."""


class SystemTasks(Tasks):
    """Tasks of the running event loop."""

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._running: set[asyncio.Task[None]] = set()

    @override
    def start(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
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
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_failure(task.get_name(), error)
