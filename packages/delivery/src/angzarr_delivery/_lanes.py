"""Lanes: the events of a root one after the other, all roots at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from angzarr.types_pb2 import EventBook
from angzarr_delivery._violations import ORDER_VIOLATION, ViolationError
from angzarr_store import RootKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An event that waits for its turn."""

    position: int
    key: RootKey
    book: EventBook

    @property
    def sequence(self) -> int:
        """Return its place in the history of its root."""
        return self.book.pages[0].num


class Lanes:
    """One queue per root with events; its task lives as long as it has work."""

    def __init__(
        self, group: asyncio.TaskGroup, work: Callable[[Pending], Awaitable[None]]
    ) -> None:
        self._group = group
        self._work = work
        self._queues: dict[RootKey, deque[Pending]] = {}

    def put(self, event: Pending) -> None:
        """Queue an event behind those of its root.

        Raises:
            ViolationError: its sequence is not behind theirs.
        """
        queue = self._queues.get(event.key)
        if queue is not None:
            if event.sequence <= queue[-1].sequence:
                why = f"sequence {event.sequence} of {event.key.root.hex()} came too late"
                raise ViolationError(ORDER_VIOLATION, why)
            queue.append(event)
            return
        self._queues[event.key] = deque([event])
        self._group.create_task(self._run(event.key), name=f"lane {event.key.root.hex()}")

    async def _run(self, key: RootKey) -> None:
        queue = self._queues[key]
        while queue:
            await self._work(queue[0])
            queue.popleft()
        del self._queues[key]
