"""Contract tests of a bus."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from typing_extensions import override

from angzarr_bus import Bus, Frame, Inbox

Connect = Callable[[], Awaitable[Bus]]

DEADLINE_SECONDS = 10.0


def frame(position: int, *, domain: str = "order", size_bytes: int = 20) -> Frame:
    """Return the frame of an append of one page."""
    return Frame(
        domain=domain,
        epoch=1,
        edition="angzarr",
        root=bytes(16),
        sequence=position - 1,
        position=position,
        count=1,
        command_id=f"c{position}",
        correlation_id="flow",
        pages=(b"p" * size_bytes,),
    )


async def delivered(bus: Bus, inbox: Inbox, sent: Frame) -> Frame:
    """Publish `sent` until the inbox yields a frame; a bus may lose any number of frames.

    A bus may also drop what it has carried before, so that each attempt is of an epoch of its
    own; the frame is returned with the epoch of `sent`.
    """
    attempts = (replace(sent, epoch=epoch) for epoch in itertools.count(sent.epoch))
    return replace(await _first_delivered(bus, inbox, attempts), epoch=sent.epoch)


async def _first_delivered(bus: Bus, inbox: Inbox, attempts: Iterator[Frame]) -> Frame:
    found = None
    async with asyncio.timeout(DEADLINE_SECONDS):
        while found is None:
            bus.publish(next(attempts))
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    found = await inbox.receive()
    return found


class BusContract:
    """Every bus. A subclass gives the fixture `connect`: another connection to the same bus."""

    @override
    def __init_subclass__(cls) -> None:
        """Refuse a subclass that overrides an inherited test.

        Raises:
            TypeError: it does.
        """
        for name in vars(cls):
            if name.startswith("test_") and any(hasattr(base, name) for base in cls.__bases__):
                raise TypeError(f"{cls.__name__} overrides {name} of its contract")

    async def test_a_frame_arrives_as_it_was_or_as_a_reference(self, connect: Connect) -> None:
        """What arrives is the published frame, with its pages or without."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=16)

        sent: list[Frame] = []

        def attempts() -> Iterator[Frame]:
            for epoch in itertools.count(1):
                sent.append(replace(frame(1), epoch=epoch))
                yield sent[-1]

        found = await _first_delivered(bus, inbox, attempts())

        assert found in {*sent, *(it.as_reference() for it in sent)}

    async def test_a_subscriber_gets_only_its_domain(self, connect: Connect) -> None:
        """Frames of other domains do not arrive, even if a name is a prefix of another."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=1024)
        for position in range(1, 20):
            bus.publish(frame(position, domain="order-line"))

        found = await delivered(bus, inbox, frame(7))

        assert (found.domain, found.position) == ("order", 7)

    async def test_every_subscriber_gets_its_own_copy(self, connect: Connect) -> None:
        """Two subscribers of one domain do not take frames from each other."""
        bus = await connect()
        first = await bus.subscribe("order", "a", limit_frames=1024)
        second = await bus.subscribe("order", "b", limit_frames=1024)

        found = [await delivered(bus, inbox, frame(1)) for inbox in (first, second)]

        assert [one.position for one in found] == [1, 1]

    async def test_a_large_frame_is_delivered_or_becomes_a_reference(
        self, connect: Connect
    ) -> None:
        """No message is too large for a bus."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=16)
        large = frame(1, size_bytes=300_000)

        found = await delivered(bus, inbox, large)

        assert found.as_reference() == large.as_reference()
        assert found.is_reference or found.pages == large.pages

    async def test_an_overflowing_inbox_is_behind_and_goes_on(self, connect: Connect) -> None:
        """Too many frames are dropped, said once by None, and later frames arrive again."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=4)
        await delivered(bus, inbox, frame(1))
        async with asyncio.timeout(DEADLINE_SECONDS):
            received: Frame | None = frame(1)
            positions = itertools.count(2)
            while received is not None:
                for position in itertools.islice(positions, 50):
                    bus.publish(frame(position))
                received = await inbox.receive()

        assert (await delivered(bus, inbox, frame(99))).domain == "order"

    async def test_an_overflow_nobody_waited_for_is_said_to_who_asks_next(
        self, connect: Connect
    ) -> None:
        """A subscriber that was busy hears None first and the frames of later appends after it."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=4)
        await delivered(bus, inbox, frame(1))
        for position in range(1, 50):
            bus.publish(frame(position))

        found = frame(1)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while found.position != frame(99).position:
                found = await delivered(bus, inbox, frame(99))

        assert found.as_reference() == frame(99).as_reference()

    async def test_a_closed_inbox_leaves_the_others(self, connect: Connect) -> None:
        """One subscriber may end, even twice, while another goes on."""
        bus = await connect()
        ending = await bus.subscribe("order", "a", limit_frames=4)
        staying = await bus.subscribe("order", "b", limit_frames=4)
        for _ in range(2):
            await ending.aclose()

        found = await delivered(bus, staying, frame(1))

        assert found.position == frame(1).position

    async def test_publishing_without_a_subscriber_is_nothing(self, connect: Connect) -> None:
        """Publish never raises for a missing subscriber."""
        bus = await connect()

        bus.publish(frame(1))
        inbox = await bus.subscribe("order", "saga", limit_frames=4)

        assert (await delivered(bus, inbox, frame(2))).domain == "order"

    async def test_a_cancelled_receive_loses_no_later_frame(self, connect: Connect) -> None:
        """Cancelling receive leaves the inbox usable."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=16)
        waiting = asyncio.ensure_future(inbox.receive())
        waiting.cancel()

        found = await delivered(bus, inbox, frame(3))

        assert found.position == frame(3).position

    async def test_a_wake_names_the_head(self, connect: Connect) -> None:
        """A frame without pages and count carries a position only."""
        bus = await connect()
        inbox = await bus.subscribe("order", "saga", limit_frames=16)
        wake = replace(frame(41), count=0, pages=())

        found = await delivered(bus, inbox, wake)

        assert (found, found.last_position) == (wake, wake.position)
