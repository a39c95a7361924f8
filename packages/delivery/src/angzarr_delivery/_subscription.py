"""One subscriber of one domain, from its checkpoint to the head and on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from angzarr.types_pb2 import EventBook
from angzarr_bus import Bus
from angzarr_delivery._attempts import Attempts, Pauses, Recorded
from angzarr_delivery._committer import Committer
from angzarr_delivery._delta import Delta
from angzarr_delivery._feed import Feed
from angzarr_delivery._frontier import Frontier
from angzarr_delivery._handler import Handler
from angzarr_delivery._lanes import Lanes, Pending
from angzarr_delivery._letters import Letters
from angzarr_delivery._reader import Reader
from angzarr_ports import System
from angzarr_store import Backlog, Lease, Ledger

INBOX_FRAMES = 1024
WINDOW_BYTES = 4 * 1024 * 1024
SPAN_POSITIONS = 100_000
FLUSH_POSITIONS = 128

Wants = Callable[[EventBook], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the events come from: the log of `domain`, and the bus that announces them."""

    domain: str
    feed: Feed
    bus: Bus


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a subscriber takes and how hard it tries.

    Shape: `wants` is asked with the single-page book of an event; what it refuses counts as
    applied. Units: `window` is the number of events in work at once.
    """

    wants: Wants
    on_pause: Callable[[bool], None]
    attempts: int
    poll_seconds: float
    window: int


class Subscription:
    """The protocol of reliability.md §3 for one owner of (subscriber, domain)."""

    def __init__(
        self, subscriber: str, source: Source, ledger: Ledger, policy: Policy, system: System
    ) -> None:
        self._subscriber = subscriber
        self._source = source
        self._ledger = ledger
        self._policy = policy
        self._system = system

    async def run(self, handler: Handler, stop: asyncio.Event) -> None:
        """Take the lease and work until `stop`, then finish what is in work.

        A task of `system` dies with FencedError when another process takes the subscription, with
        PositionPastHeadError or LogMismatchError when the log was rolled back or rewritten, and
        with InvariantError when the feed has a hole or too many events are parked.

        Raises:
            StoreUnavailableError: the lease cannot be taken now.
        """
        lease = await self._ledger.acquire(self._subscriber, self._source.domain)
        backlog = await self._ledger.backlog(lease)
        frontier = Frontier(lease.position, lease.chain, backlog.applied)
        committer = Committer(self._ledger, lease, frontier, self._system)
        attempts = self._attempts(handler, lease, backlog, committer)
        window = Window(attempts, frontier, committer, self._policy, self._system)
        storing = self._system.tasks.start("committer", committer.run())
        try:
            await self._read(frontier, window, committer, stop)
            await window.empty()
        finally:
            storing.cancel()

    async def _read(
        self, frontier: Frontier, window: "Window", committer: Committer, stop: asyncio.Event
    ) -> None:
        source, system = self._source, self._system
        inbox = await source.bus.subscribe(
            source.domain, self._subscriber, limit_frames=INBOX_FRAMES
        )
        reader = Reader(source.feed, inbox, frontier, system, self._policy.poll_seconds)
        reading = system.tasks.start("reader", reader.run(window.admit, committer.flush))
        await stop.wait()
        reading.cancel()
        await inbox.aclose()

    def _attempts(
        self, handler: Handler, lease: Lease, backlog: Backlog, committer: Committer
    ) -> Attempts:
        return Attempts(
            handler,
            Letters(lease, backlog, committer),
            Recorded(committer, backlog.reactions),
            committer,
            Pauses(self._policy.on_pause),
            self._policy.attempts,
        )


class Window:
    """The events in work: bounded, one lane per root."""

    def __init__(
        self,
        attempts: Attempts,
        frontier: Frontier,
        committer: Committer,
        policy: Policy,
        system: System,
    ) -> None:
        self._attempts = attempts
        self._frontier = frontier
        self._committer = committer
        self._policy = policy
        self._system = system
        self._lanes = Lanes(system.tasks, self._work)
        self._events = 0
        self._bytes = 0
        self._left = asyncio.Event()

    async def admit(self, delta: Delta) -> None:
        """Wait for room, then put the events of an append into the lanes of their root."""
        if self._frontier.span >= SPAN_POSITIONS:
            await self._committer.commit([])
        await self._until(self._has_room)
        for position, book in self._frontier.admit(delta):
            if self._policy.wants(book):
                event = Pending(position=position, key=delta.key, book=book)
                self._events += 1
                self._bytes += book.ByteSize()
                self._lanes.put(event)
            else:
                self._frontier.finish(position)
        if self._frontier.span >= FLUSH_POSITIONS:
            self._committer.flush()

    async def empty(self) -> None:
        """Return when nothing is in work."""
        await self._until(lambda: not self._events)

    async def _work(self, event: Pending) -> None:
        await self._attempts.settle(event, self._system)
        self._events -= 1
        self._bytes -= event.book.ByteSize()
        self._left.set()

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
