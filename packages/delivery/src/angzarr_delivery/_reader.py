"""Brings a log in order: from the bus when it continues the tip, else from the feed."""

import asyncio
from collections.abc import Awaitable, Callable

from angzarr.feed_pb2 import FeedBatch
from angzarr_bus import Frame, Inbox
from angzarr_delivery._backoff import Backoff
from angzarr_delivery._delta import Delta
from angzarr_delivery._feed import Feed
from angzarr_delivery._frontier import Frontier
from angzarr_ports import System
from angzarr_store import StoreUnavailableError

FEED_PAGES = 500

Admit = Callable[[Delta], Awaitable[None]]


class Reader:
    """Steps U2 to U6 and U11 of reliability.md §3 for one domain."""

    def __init__(
        self, feed: Feed, inbox: Inbox, frontier: Frontier, system: System, poll_seconds: float
    ) -> None:
        self._feed = feed
        self._inbox = inbox
        self._frontier = frontier
        self._system = system
        self._poll_seconds = poll_seconds
        self._epoch = 0
        self.head = 0

    async def run(self, admit: Admit, idle: Callable[[], None]) -> None:
        """Admit every append in order until cancelled; `admit` waits while the window is full.

        `idle` is called whenever the head is reached and once per poll.

        Raises:
            PositionPastHeadError, LogMismatchError: the log was rolled back or rewritten.
        """
        while True:
            await self._catch_up(admit)
            idle()
            await self._follow(admit)

    async def _catch_up(self, admit: Admit) -> None:
        while True:
            batch = await self._read()
            self._epoch, self.head = batch.epoch, batch.head
            for delta in Delta.of_batch(batch):
                await admit(delta)
            if self._frontier.tip >= batch.head:
                return

    async def _read(self) -> FeedBatch:
        attempt = 0
        while True:
            frontier = self._frontier
            try:
                return await self._feed.read(frontier.tip, frontier.tip_chain, FEED_PAGES)
            except StoreUnavailableError:
                attempt += 1
                backoff = Backoff(longest_seconds=self._poll_seconds)
                await self._system.clock.sleep(backoff.seconds(attempt, self._system.randomness))

    async def _follow(self, admit: Admit) -> None:
        clock = self._system.clock
        jittered = self._poll_seconds * self._system.randomness.uniform(0.8, 1.0)
        until = clock.monotonic() + jittered
        while True:
            try:
                async with asyncio.timeout(max(0.0, until - clock.monotonic())):
                    frame = await self._inbox.receive()
            except TimeoutError:
                return
            if frame is None or self._needs_feed(frame):
                return
            if frame.count and frame.position > self._frontier.tip:
                self.head = max(self.head, frame.last_position)
                await admit(Delta.of_frame(frame, self._frontier.tip_chain))

    def _needs_feed(self, frame: Frame) -> bool:
        if frame.epoch != self._epoch:
            return True
        if frame.last_position <= self._frontier.tip:
            return False
        return frame.is_reference or frame.position != self._frontier.tip + 1
