"""The events in work: bounded, one lane per root."""

import asyncio
from collections.abc import Callable
from functools import partial

from angzarr_delivery._attempts import Attempts
from angzarr_delivery._committer import Committer
from angzarr_delivery._frontier import Frontier
from angzarr_delivery._lanes import Lanes, Pending
from angzarr_delivery._policy import Policy
from angzarr_delivery._replays import Replays
from angzarr_reader import Delta
from angzarr_store import RootKey

WINDOW_BYTES = 4 * 1024 * 1024
SPAN_POSITIONS = 100_000
FLUSH_POSITIONS = 128


class Window:
    """Takes appends in order as long as there is room."""

    def __init__(
        self,
        attempts: Attempts,
        replays: Replays,
        frontier: Frontier,
        committer: Committer,
        policy: Policy,
        group: asyncio.TaskGroup,
    ) -> None:
        self._attempts = attempts
        self._replays = replays
        self._frontier = frontier
        self._committer = committer
        self._policy = policy
        self._lanes = Lanes(group)
        self._expected: dict[int, Pending] = {}
        self._events = 0
        self._bytes = 0
        self._left = asyncio.Event()

    async def admit(self, delta: Delta) -> None:
        """Wait for room, then put the events of an append into the lanes of their root."""
        if self._frontier.span >= SPAN_POSITIONS:
            await self._committer.commit([])
        await self._until(self._has_room)
        for event in self._vanished(delta):
            self.put(event)
        for position, book in self._frontier.admit(delta):
            if self._policy.wants(book):
                self.put(Pending(position=position, key=delta.key, book=book))
            else:
                self._frontier.finish(position)
        if self._frontier.span >= FLUSH_POSITIONS:
            self._committer.flush()

    def put(self, event: Pending) -> None:
        """Put an event into the lane of its root, room or not."""
        self._events += 1
        self._bytes += event.book.ByteSize()
        self._lanes.put(event.key, partial(self._work, event), event.sequence)

    def expect(self, event: Pending) -> None:
        """Put an event, as it is when it is done, once its place comes without it.

        Its edition was deleted meanwhile; what is due because of it has still to be settled.
        """
        self._expected[event.position] = event

    async def replay(self, key: RootKey) -> None:
        """Go on with the letters of a root; return when it is free or one of them holds it."""
        ended = asyncio.Event()
        self._events += 1
        self._lanes.put(key, partial(self._replay, key, ended))
        await ended.wait()

    async def remember(self) -> None:
        """Go on with the roots that nothing is done about although it may be."""
        for key in await self._replays.asked():
            if key not in self._lanes:
                await self.replay(key)

    async def empty(self) -> None:
        """Return when nothing is in work."""
        await self._until(lambda: not self._events)

    async def _work(self, event: Pending) -> None:
        await self._attempts.settle(event)
        self._events -= 1
        self._bytes -= event.book.ByteSize()
        self._left.set()

    async def _replay(self, key: RootKey, ended: asyncio.Event) -> None:
        await self._replays.work(key)
        ended.set()
        self._events -= 1
        self._left.set()

    def _vanished(self, delta: Delta) -> list[Pending]:
        """Return the expected events whose places come without them."""
        there = {page.position for page in delta.book.pages}
        come = [it for it in self._expected if it <= delta.last]
        found = [self._expected.pop(it) for it in come]
        return [it for it in found if it.position not in there]

    def _has_room(self) -> bool:
        return (
            self._events < self._policy.window
            and self._bytes < WINDOW_BYTES
            and self._frontier.span < SPAN_POSITIONS
        )

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._left.clear()
            await self._left.wait()
