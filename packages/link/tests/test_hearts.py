"""A stream is asked after a silence whether its peer is there, by any clock (contract.md §4.15)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

from typing_extensions import override

from angzarr.link_pb2 import LinkCalls, LinkHello, LinkReplies
from angzarr_link._stream import Stream
from angzarr_ports import Clock, System

BEGIN = 3.04  # the time that is left after a rest of five seconds from here is too short to pass


class Virtual(Clock):
    """A clock that moves by exactly what somebody sleeps."""

    def __init__(self, real: Clock) -> None:
        self.seconds = BEGIN
        self._real = real

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    @override
    def monotonic(self) -> float:
        return self.seconds

    @override
    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await self._real.sleep(0)


async def silence() -> AsyncIterator[LinkReplies]:
    """Say nothing for ever."""
    await asyncio.Event().wait()
    yield LinkReplies()


async def test_a_silence_ends_by_a_clock_that_moves_only_when_somebody_sleeps(
    system: System,
) -> None:
    """The heart rests until an instant, not for a remainder that is too short to pass."""
    closed = asyncio.Event()
    pings: list[int] = []
    stream = Stream(LinkHello(protocol=1), Virtual(system.clock), closed.set)

    async def send(frame: LinkCalls) -> None:
        pings.append(frame.ping)

    async with asyncio.TaskGroup() as group:
        running = group.create_task(stream.run(send, silence(), system.tasks))
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await closed.wait()
        running.cancel()

    assert closed.is_set()
    assert pings == [1]
