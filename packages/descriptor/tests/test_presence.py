"""A component tells what it is (contract.md §4.16)."""

import asyncio
from dataclasses import replace

from angzarr.types_pb2 import ComponentDescriptor, EventPage, Target
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_descriptor import HEARTBEAT_SECONDS, TOPOLOGY_DOMAIN, tell
from angzarr_ports import SystemClock, real_system

TOLD = ComponentDescriptor(name="s", component_type="saga", inputs=[Target(domain="order")])


class QuickClock(SystemClock):
    """A clock that notes what it is asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Do not wait."""
        self.slept.append(seconds)
        await asyncio.sleep(0)  # noqa: TID251 - others run meanwhile


async def test_a_descriptor_is_told_at_once_and_every_30_s() -> None:
    """It travels as the first page of a book without a root, whose frame names the component."""
    clock = QuickClock()
    system = replace(real_system(lambda *_: None), clock=clock)
    bus = await ChannelBus.open(BusConfig(url=""), system)
    inbox = await bus.subscribe(TOPOLOGY_DOMAIN, "topology", limit_frames=9)

    task = system.tasks.start("descriptor", tell(bus, system, TOLD))
    frames = [await inbox.receive() for _ in range(3)]
    task.cancel()

    assert None not in frames
    first = frames[0]
    assert first is not None
    page = EventPage.FromString(first.pages[0])
    told = ComponentDescriptor()
    assert page.event.Unpack(told)
    assert (page.num, page.event.type_url) == (0, "type.angzarr/angzarr.ComponentDescriptor")
    assert (told, first.root, first.command_id, first.count) == (TOLD, b"", "s", 1)
    assert clock.slept[0] == HEARTBEAT_SECONDS == 30
