"""Commands against a state of the past: answered, never stored (contract.md §4.3)."""

from angzarr.types_pb2 import CommandResponse, TemporalQuery
from angzarr_coordinator_aggregate._decider import Decider
from angzarr_coordinator_aggregate._order import Order
from angzarr_log import Histories, timeline_of
from angzarr_store import EventLog


class DryRuns:
    """What commands would lead to; there is no lane, no append and no announcement here."""

    def __init__(self, log: EventLog, histories: Histories, decider: Decider) -> None:
        self._log = log
        self._histories = histories
        self._decider = decider

    async def run(self, order: Order, point: TemporalQuery) -> CommandResponse:
        """Return the pages that the command would have led to at a point.

        Shape: pages without a position, numbered from the next sequence at the point on.

        Raises:
            RequestError, CallError, StoreError: rows 7 and 9 to 13 of contract.md §4.1.
        """
        timeline = await timeline_of(self._log, order.key, order.divergence)
        last = await timeline.last(point)
        state = await self._histories.state(order.key, order.divergence, last=last)
        pages = await self._decider.foresee(order, state)
        head = await self._log.head()
        response = CommandResponse(position=head.position)
        response.events.cover.CopyFrom(order.book.cover)
        response.events.pages.extend(pages)
        return response
