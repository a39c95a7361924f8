"""Brings a log in order: from the bus when it continues the tip, else from the feed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from angzarr.feed_pb2 import FeedBatch
from angzarr_bus import BusUnavailableError, Frame, Inbox
from angzarr_delivery._delta import Delta
from angzarr_delivery._feed import Source
from angzarr_delivery._frontier import Frontier
from angzarr_delivery._policy import Policy, log_condition
from angzarr_ports import Backoff
from angzarr_store import StoreUnavailableError
from angzarr_telemetry import Vitals

FEED_PAGES = 500
INBOX_FRAMES = 1024
PATIENCE_SECONDS = 15.0

Admit = Callable[[Delta], Awaitable[None]]


class Reader:
    """Steps U2 to U6 and U11 of reliability.md §3 for one domain."""

    def __init__(
        self, subscriber: str, source: Source, frontier: Frontier, policy: Policy, vitals: Vitals
    ) -> None:
        self._subscriber = subscriber
        self._source = source
        self._frontier = frontier
        self._policy = policy
        self._vitals = vitals
        self._system = vitals.system
        self._inbox: Inbox | None = None
        self._epoch = 0
        self._read_at = self._system.clock.monotonic()

    async def run(self, admit: Admit, idle: Callable[[], None]) -> None:
        """Admit every append in order until cancelled; `admit` waits while the window is full.

        `idle` is called whenever the head is reached and once per poll.

        Raises:
            PositionPastHeadError, LogMismatchError: the log was rolled back or rewritten.
        """
        reason = "start"
        try:
            while True:
                await self._connect()
                self._vitals.backfilled(reason)
                await self._catch_up(admit)
                self._vitals.caught_up()
                idle()
                reason = await self._follow(admit)
        finally:
            if self._inbox is not None:
                await self._inbox.aclose()

    async def _connect(self) -> None:
        """Listen to the bus; without it the polls find everything, only later."""
        if self._inbox is None and self._source.bus is not None:
            with suppress(BusUnavailableError):
                self._inbox = await self._source.bus.subscribe(
                    self._source.domain, self._subscriber, limit_frames=INBOX_FRAMES
                )

    async def _catch_up(self, admit: Admit) -> None:
        while True:
            batch = await self._read()
            self._epoch = batch.epoch
            self._vitals.heard(batch.head)
            for delta in Delta.of_batch(batch):
                await admit(delta)
                self._system.faults.at("Q10")
            if self._frontier.tip >= batch.head:
                return

    async def _read(self) -> FeedBatch:
        clock, backoff = self._system.clock, Backoff(longest_seconds=self._policy.poll_seconds)
        attempt, frontier = 0, self._frontier
        while True:
            try:
                batch = await self._source.feed.read(frontier.tip, frontier.tip_chain, FEED_PAGES)
            except StoreUnavailableError as error:
                attempt += 1
                if clock.monotonic() - self._read_at > PATIENCE_SECONDS:
                    await self._report(error.why)
                await clock.sleep(backoff.seconds(attempt, self._system.randomness))
            else:
                self._read_at = clock.monotonic()
                await self._report("")
                return batch

    async def _follow(self, admit: Admit) -> str:
        """Take frames as long as they continue the log; return why it must be read."""
        clock = self._system.clock
        jittered = self._policy.poll_seconds * self._system.randomness.uniform(0.8, 1.0)
        until = clock.monotonic() + jittered
        while True:
            try:
                async with asyncio.timeout(max(0.0, until - clock.monotonic())):
                    frame = await self._receive()
            except TimeoutError:
                return "poll"
            reason = self._fault(frame)
            if frame is None or reason:
                return reason
            self._vitals.heard(frame.last_position)
            if frame.count and frame.position > self._frontier.tip:
                await admit(Delta.of_frame(frame, self._frontier.tip_chain))
            elif frame.count:
                self._vitals.dropped("repeat")

    async def _receive(self) -> Frame | None:
        if self._inbox is None:
            await self._system.clock.sleep(self._policy.poll_seconds)
            return None
        return await self._inbox.receive()

    def _fault(self, frame: Frame | None) -> str:
        """Return why the log must be read in place of a frame, "" when it need not."""
        if frame is None:
            self._vitals.dropped("overflow")
            return "overflow"
        if frame.epoch != self._epoch:
            self._vitals.dropped("epoch")
            return "epoch"
        if frame.last_position <= self._frontier.tip:
            return ""
        if frame.is_reference:
            return "reference"
        if frame.position != self._frontier.tip + 1:
            self._vitals.dropped("gap")
            return "gap"
        return ""

    async def _report(self, fault: str) -> None:
        await self._policy.report(log_condition(self._source.domain), fault)
