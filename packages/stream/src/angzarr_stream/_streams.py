"""angzarr.EventStream, its method named as on the wire."""

from collections.abc import AsyncIterator

from angzarr.types_pb2 import EventBook, EventStreamFilter
from angzarr_service import Call, refuse
from angzarr_stream._audience import Audience


class Streams:
    """angzarr.EventStream."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    async def Subscribe(self, wanted: EventStreamFilter, call: Call) -> AsyncIterator[EventBook]:  # noqa: N802 - the name on the wire
        """Yield every append that the filter wants, once; the headers say that it is registered.

        Rule: contract.md §4.9.
        """
        refuse(wanted.fault())
        async with self._audience.subscribed(wanted) as subscription:
            call.stay_open()
            await call.begin()
            async for book in subscription.books():
                yield book
