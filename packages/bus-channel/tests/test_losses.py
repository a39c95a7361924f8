"""What a lossy bus does to its frames."""

import asyncio

import pytest

from angzarr_bus import BusConfig, Frame, Inbox
from angzarr_bus_channel import ChannelBus, Losses, LossyBus
from angzarr_bus_conformance import frame
from angzarr_ports import System


async def waiting(inbox: Inbox) -> list[Frame | None]:
    """Return what the inbox holds; in one process it is there as soon as it is published."""
    found: list[Frame | None] = []
    try:
        async with asyncio.timeout(0.05):
            while True:
                found.append(await inbox.receive())
    except TimeoutError:
        return found


@pytest.mark.parametrize(
    ("losses", "arrived"),
    [
        (Losses(), [1, 2]),
        (Losses(drop=1.0), []),
        (Losses(repeat=1.0), [1, 1, 2, 2]),
        (Losses(reorder=1.0), []),
    ],
)
async def test_each_loss_is_what_its_name_says(
    system: System, losses: Losses, arrived: list[int]
) -> None:
    """With a share of 1 it happens to every frame, with 0 to none."""
    inner = await ChannelBus.open(BusConfig(url=""), system)
    bus = LossyBus(inner, losses, system.randomness)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)
    for position in (1, 2):
        bus.publish(frame(position))

    found = await waiting(inbox)

    assert [one.position for one in found if one] == arrived


async def test_closing_it_closes_the_bus_inside(system: System) -> None:
    """What is published afterwards reaches nobody."""
    inner = await ChannelBus.open(BusConfig(url=""), system)
    bus = LossyBus(inner, Losses(), system.randomness)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    await bus.aclose()
    for publisher in (bus, inner):
        publisher.publish(frame(1))

    assert await waiting(inbox) == []
