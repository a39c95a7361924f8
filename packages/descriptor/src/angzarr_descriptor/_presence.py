"""A component tells what it is, over the bus, again and again (contract.md §4.16)."""

from angzarr import FRAMEWORK_PREFIX
from angzarr.types_pb2 import ComponentDescriptor, EventPage
from angzarr_bus import Bus, Frame
from angzarr_ports import System

TOPOLOGY_DOMAIN = "_meta.topology"
HEARTBEAT_SECONDS = 30.0


async def tell(bus: Bus, system: System, descriptor: ComponentDescriptor) -> None:
    """Publish a descriptor at once and every 30 s, for ever."""
    page = EventPage(num=0)
    page.event.Pack(descriptor, type_url_prefix=FRAMEWORK_PREFIX)
    page.created_at.FromDatetime(system.clock.now())
    frame = Frame(
        domain=TOPOLOGY_DOMAIN,
        epoch=0,
        edition="",
        root=b"",
        sequence=0,
        position=0,
        count=1,
        command_id=descriptor.name,
        correlation_id="",
        pages=(page.SerializeToString(),),
    )
    while True:
        bus.publish(frame)
        await system.clock.sleep(HEARTBEAT_SECONDS)
