"""A bus as bad as the contract allows, shared by every process of a system."""

import asyncio
import contextvars

from typing_extensions import override

from angzarr_bus import Bus, BusConfig, Frame, FrameQueue, Inbox
from angzarr_ports import System
from angzarr_simulation._chances import Dice
from angzarr_simulation._loop import SimulatedLoop
from angzarr_simulation._ports import lag

LONG_DELAY = 50.0


class SimulatedInbox(Inbox):
    """What has arrived for one subscriber."""

    def __init__(self, limit_frames: int) -> None:
        self._queue = FrameQueue(limit_frames)
        self._wake = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """Take a frame that arrives."""
        self._queue.offer(frame)
        self._wake.set()

    @override
    async def receive(self) -> Frame | None:
        while self._queue.is_empty:
            self._wake.clear()
            await self._wake.wait()
        return self._queue.take()

    @override
    async def aclose(self) -> None:
        self._queue.clear()


class SimulatedBus(Bus):
    """Loses, repeats, delays, reorders and shrinks frames; `limit_frames` is small."""

    def __init__(self, loop: SimulatedLoop, dice: Dice, *, limit_frames: int) -> None:
        self._loop = loop
        self._dice = dice
        self._limit_frames = limit_frames
        self._inboxes: dict[tuple[str, str], SimulatedInbox] = {}
        self._context = contextvars.Context()

    @classmethod
    @override
    async def open(cls, config: BusConfig, system: System) -> "SimulatedBus":
        raise TypeError("a simulated bus belongs to a system, not to a configuration")

    @override
    def publish(self, frame: Frame) -> None:
        for (domain, subscriber), inbox in self._inboxes.items():
            if domain == frame.domain and not self._dice.strikes("drop", subscriber):
                self._send(frame, subscriber, inbox)

    @override
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        inbox = SimulatedInbox(min(limit_frames, self._limit_frames))
        self._inboxes[domain, subscriber] = inbox
        return inbox

    @override
    async def aclose(self) -> None:
        """It outlives the processes."""

    def _send(self, frame: Frame, subscriber: str, inbox: SimulatedInbox) -> None:
        dice = self._dice
        sent = frame.as_reference() if dice.strikes("shrink", subscriber) else frame
        for _ in range(1 + dice.strikes("repeat", subscriber)):
            slow = LONG_DELAY if dice.strikes("delay", subscriber) else 1.0
            delay = slow * lag(self._loop.chance)
            self._loop.call_later(delay, inbox.offer, sent, context=self._context)
