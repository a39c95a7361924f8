"""Brings a log in order: from the bus when it continues the tip, else from the feed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from angzarr.feed_pb2 import FeedBatch
from angzarr_bus import BusUnavailableError, Frame, Inbox
from angzarr_ports import Backoff
from angzarr_reader._delta import Delta
from angzarr_reader._source import Source
from angzarr_store import StoreUnavailableError
from angzarr_telemetry import Vitals

FEED_PAGES = 500
INBOX_FRAMES = 1024
PATIENCE_SECONDS = 15.0

Admit = Callable[[Delta], Awaitable[None]]


class Tip(Protocol):
    """How far a log is known: the position, and the log's chain there."""

    tip: int
    tip_chain: bytes


class Reader:
    """Steps U2 to U6 and U11 of reliability.md §3 for one domain.

    `report` hears why the log cannot be read for long, "" when it can. Units: `poll_seconds` is
    the longest time without a look at the log.
    """

    def __init__(
        self,
        subscriber: str,
        source: Source,
        tip: Tip,
        vitals: Vitals,
        *,
        poll_seconds: float,
        report: Callable[[str], Awaitable[None]],
    ) -> None:
        self._subscriber = subscriber
        self._source = source
        self._known = tip
        self._poll_seconds = poll_seconds
        self._report = report
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
            if self._known.tip >= batch.head:
                return

    async def _read(self) -> FeedBatch:
        attempt, known = 0, self._known
        while True:
            try:
                batch = await self._source.feed.read(known.tip, known.tip_chain, FEED_PAGES)
            except StoreUnavailableError as error:
                attempt += 1
                await self._wait(attempt, error)
            else:
                self._read_at = self._system.clock.monotonic()
                await self._report("")
                return batch

    async def _wait(self, attempt: int, error: StoreUnavailableError) -> None:
        clock, backoff = self._system.clock, Backoff(longest_seconds=self._poll_seconds)
        if clock.monotonic() - self._read_at > PATIENCE_SECONDS:
            await self._report(error.why)
        await clock.sleep(backoff.seconds(attempt, self._system.randomness))

    async def _follow(self, admit: Admit) -> str:
        """Take frames as long as they continue the log; return why it must be read."""
        clock = self._system.clock
        jittered = self._poll_seconds * self._system.randomness.uniform(0.8, 1.0)
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
            await self._take(frame, admit)

    async def _take(self, frame: Frame, admit: Admit) -> None:
        self._vitals.heard(frame.last_position)
        if frame.count and frame.position > self._known.tip:
            await admit(Delta.of_frame(frame, self._known.tip_chain))
        elif frame.count:
            self._dropped("repeat")

    async def _receive(self) -> Frame | None:
        if self._inbox is None:
            await self._system.clock.sleep(self._poll_seconds)
            return None
        return await self._inbox.receive()

    def _fault(self, frame: Frame | None) -> str:
        """Return why the log must be read in place of a frame, "" when it need not."""
        if frame is None:
            return self._dropped("overflow")
        if frame.epoch != self._epoch:
            return self._dropped("epoch")
        if frame.last_position <= self._known.tip:
            return ""
        if frame.is_reference:
            return "reference"
        return self._dropped("gap") if frame.position != self._known.tip + 1 else ""

    def _dropped(self, reason: str) -> str:
        self._vitals.dropped(reason)
        return reason
