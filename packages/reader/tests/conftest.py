"""A log, a bus that a test speaks on, and a reader of both."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventPage
from angzarr_bus import BusConfig, Frame
from angzarr_bus_channel import ChannelBus
from angzarr_ports import Metric, MetricKind, System
from angzarr_reader import Delta, Reader, Source
from angzarr_store import EMPTY_CHAIN, StoreUnavailableError
from angzarr_telemetry import Vitals

DOMAIN, ROOT = "order", bytes(16)
DURATION = Metric(
    name="angzarr_test_duration_seconds",
    help="How long an attempt took.",
    kind=MetricKind.HISTOGRAM,
    labels=("component", "domain", "outcome"),
)


class Log:
    """One event per append, at its position; chains are not looked at."""

    def __init__(self) -> None:
        self.head = 0
        self.reads = 0
        self.faults = 0

    async def read(self, after: int, _chain: bytes, _limit: int) -> FeedBatch:
        """Return what follows, or nothing as often as `faults` says."""
        if self.faults:
            self.faults -= 1
            raise StoreUnavailableError("away")
        self.reads += 1
        batch = FeedBatch(after_position=after, last_position=self.head, head=self.head, epoch=1)
        for position in range(after + 1, self.head + 1):
            book = batch.books.add(pages=[EventPage(num=position - 1, position=position)])
            book.cover.address(DOMAIN, ROOT)
            batch.book_chains.append(EMPTY_CHAIN)
        return batch


class World:
    """A reader at work, and what it has admitted."""

    tip, tip_chain = 0, EMPTY_CHAIN

    def __init__(self, system: System, bus: ChannelBus) -> None:
        self.system, self.bus, self.log = system, bus, Log()
        self.admitted: list[int] = []
        self.reports: list[str] = []
        self.idle = 0
        self.poll_seconds = 60.0

    def start(self) -> None:
        """Begin to read."""
        source = Source(domain=DOMAIN, feed=self.log, bus=self.bus)
        vitals = Vitals("saga", DOMAIN, DURATION, self.system)
        reader = Reader(
            *("saga", source, self, vitals), poll_seconds=self.poll_seconds, report=self.report
        )
        self.system.tasks.start("reader", reader.run(self.admit, self.rest))

    async def following(self) -> None:
        """Begin to read, and return once the reader is at the head."""
        self.start()
        await self.until(lambda: self.idle)

    async def admit(self, delta: Delta) -> None:
        """Take what comes next."""
        assert delta.first == self.tip + 1
        self.tip, self.tip_chain = delta.last, delta.chain
        self.admitted.append(delta.last)

    def rest(self) -> None:
        """Count how often the reader is at the head."""
        self.idle += 1

    async def report(self, fault: str) -> None:
        """Hear whether the log can be read."""
        self.reports.append(fault)

    def say(self, position: int, *, epoch: int = 1, whole: bool = True) -> None:
        """Announce the event at a position."""
        page = EventPage(num=position - 1, position=position)
        page.event.Pack(StringValue(value=str(position)))
        frame = Frame(
            domain=DOMAIN,
            epoch=epoch,
            edition="angzarr",
            root=ROOT,
            sequence=position - 1,
            position=position,
            count=1,
            command_id=f"c{position}",
            correlation_id="",
            pages=(page.SerializeToString(),),
        )
        self.log.head = max(self.log.head, position)
        self.bus.publish(frame if whole else frame.as_reference())

    async def until(self, condition: Any) -> None:
        """Wait for a condition, at most ten seconds."""
        async with asyncio.timeout(10):
            while not condition():
                await self.system.clock.sleep(0.01)


@pytest.fixture
async def world(system: System) -> AsyncIterator[World]:
    """Return a reader that has not begun."""
    yield World(system, await ChannelBus.open(BusConfig(url=""), system))
