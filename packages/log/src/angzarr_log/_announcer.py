"""After the commit: who follows the log is woken, here and over the bus (reliability.md §2.5)."""

import asyncio
from collections import deque
from contextlib import suppress

from angzarr_bus import Bus, Frame
from angzarr_ports import Metric, MetricKind, System
from angzarr_store import Appended, Batch, EventLog, StoreUnavailableError

LOOK_SECONDS = 0.5

HEAD_POSITION = Metric(
    name="angzarr_store_head_position",
    help="How many events the log of a domain holds.",
    kind=MetricKind.GAUGE,
    labels=("domain",),
)


class Announcer:
    """Tells followers in this process, then the bus; never on the way of an answer."""

    def __init__(self, log: EventLog, bus: Bus, system: System) -> None:
        self._log = log
        self._metrics = system.metrics
        self._bus = bus
        self._faults = system.faults
        self._clock = system.clock
        self._position = 0
        self._moved = asyncio.Event()
        self._frames: deque[Frame] = deque()

    def announce(self, batch: Batch, appended: Appended) -> None:
        """Announce a fresh append."""
        row = appended.row
        frame = Frame(
            domain=self._log.domain,
            epoch=row.epoch,
            edition=batch.key.edition,
            root=batch.key.root,
            sequence=row.first_sequence,
            position=row.first_position,
            count=row.count,
            command_id=batch.command_id,
            correlation_id=batch.correlation_id,
            pages=appended.pages,
        )
        if not self._frames:
            asyncio.get_running_loop().call_soon(self._publish)
        self._frames.append(frame)
        self._advance(frame.last_position)

    async def announce_head(self) -> None:
        """Announce how far the log reaches, once after the start."""
        head = await self._log.head()
        wake = Frame(
            domain=self._log.domain,
            epoch=head.epoch,
            edition="",
            root=b"",
            sequence=0,
            position=head.position,
            count=0,
            command_id="",
            correlation_id="",
        )
        self._bus.publish(wake)
        self._advance(head.position)

    async def watch_others(self) -> None:
        """Tell followers in this process what other processes append; never returns."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            with suppress(StoreUnavailableError):
                head = await self._log.head()
                if head.position > self._position:
                    self._advance(head.position)

    async def beyond(self, position: int, seconds: float) -> None:
        """Return when something was appended behind `position`, at the latest after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._position <= position:
                    await self._moved.wait()

    def _advance(self, position: int) -> None:
        self._position = max(self._position, position)
        self._metrics.set(HEAD_POSITION, self._position, domain=self._log.domain)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _publish(self) -> None:
        self._faults.at("K12")
        while self._frames:
            self._bus.publish(self._frames.popleft())
            self._faults.at("K13")
        self._faults.at("K14")
