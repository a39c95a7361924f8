"""Waiting for what must come, with a deadline."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from angzarr_bus import Bus, Frame, Inbox
from angzarr_bus_conformance import delivered, frame
from angzarr_ports import System
from angzarr_testserver_nats import NatsServer

DEADLINE_SECONDS = 20.0
SUBJECT = f"angzarr.order.{bytes(16).hex()}"


def newer(position: int, size_bytes: int = 20) -> Frame:
    """Return a frame of a later epoch than any that `delivered` makes."""
    return replace(frame(position, size_bytes=size_bytes), epoch=1_000_000)


def counted(system: System, outcome: str) -> float:
    """Return how many frames were counted with an outcome so far."""
    series = {it.metric.name: it.series for it in system.metrics.collect()}
    found = series.get("angzarr_bus_publish_total", {}).items()
    return sum(float(it) for key, it in found if key[2] == outcome and isinstance(it, float | int))


async def listening(
    open_bus: Callable[[str], Awaitable[Bus]], server: NatsServer, *, limit_frames: int = 16
) -> tuple[Bus, Inbox]:
    """Return a bus, and an inbox that has got its first frame."""
    bus = await open_bus(server.url)
    inbox = await bus.subscribe("order", "saga", limit_frames=limit_frames)
    await delivered(bus, inbox, frame(1))
    return bus, inbox


async def received(inbox: Inbox, wanted: Callable[[Frame | None], bool]) -> Frame | None:
    """Return the first wanted thing that the inbox yields."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not wanted(found := await inbox.receive()):
            pass
    return found


async def behind(inbox: Inbox) -> bool:
    """Say, as soon as the inbox does, that the feed must be read."""
    return await received(inbox, lambda found: found is None) is None


async def until_last(jetstream: JetStreamContext, sent: Frame) -> Frame:
    """Return what the stream of the domain holds last, once it is `sent` or its reference."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            with suppress(NotFoundError):
                last = await jetstream.get_last_msg("angzarr-order", SUBJECT)
                found = Frame.decode(last.data or b"")
                if found.as_reference() == sent.as_reference():
                    return found


async def until_delivered(bus: Bus, inbox: Inbox, sent: Frame) -> Frame:
    """Deliver frames until one is `sent`, whole or by reference."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (found := await delivered(bus, inbox, sent)).position != sent.position:
            pass
    return found


async def happened(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when a condition holds, asked again and again."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():
            await asyncio.to_thread(os.sched_yield)
