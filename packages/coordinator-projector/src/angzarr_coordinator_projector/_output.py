"""What a projector returns, offered to whoever watches (contract.md §4.8)."""

from dataclasses import dataclass

from google.protobuf.any_pb2 import Any

from angzarr import projection_domain
from angzarr.types_pb2 import EventPage, Projection
from angzarr_bus import Bus, Frame
from angzarr_ports import Clock

STREAMED = "angzarr.Projection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Publishes each Projection as a book of its own domain; it is stored nowhere."""

    bus: Bus
    clock: Clock

    def offer(self, projection: Projection) -> None:
        """Offer a Projection whose cover, projector and sequence are filled in."""
        self.bus.publish(self._frame(projection))

    def _frame(self, projection: Projection) -> Frame:
        cover = projection.cover
        return Frame(
            domain=projection_domain(projection.projector, cover.domain),
            epoch=0,
            edition=cover.edition_name,
            root=cover.root.value,
            sequence=projection.sequence,
            position=0,
            count=1,
            command_id="",
            correlation_id=cover.correlation_id,
            pages=(self._page(projection).SerializeToString(),),
        )

    def _page(self, projection: Projection) -> EventPage:
        event = Any(type_url=STREAMED, value=projection.SerializeToString())
        page = EventPage(num=projection.sequence, event=event)
        page.created_at.FromDatetime(self.clock.now())
        return page
