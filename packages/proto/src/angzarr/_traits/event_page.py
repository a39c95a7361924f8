"""What one event says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._type_url import type_name

if TYPE_CHECKING:
    from datetime import datetime

    from angzarr.types_pb2 import EventPage


class EventPageTraits:
    """Behaviour of EventPage."""

    @property
    def type_name(self: EventPage) -> str:
        """Return the full name of the event's type."""
        return type_name(self.event.type_url)

    def accepted(self: EventPage, num: int, command_id: str, now: datetime) -> EventPage:
        """Return the page with number, cause and time set; a field of a later version is kept.

        Rule: contract.md §4.1 steps 13 and 14, §7.
        """
        page = type(self)()
        page.CopyFrom(self)
        page.num, page.command_id = num, command_id
        page.created_at.FromDatetime(now)
        page.ClearField("position")
        return page

    @property
    def timeout_type(self: EventPage) -> str:
        """Return the type of the timer whose firing the event is, "" of another event."""
        from angzarr.process_manager_pb2 import ProcessTimeout  # noqa: PLC0415 - imports this module

        timeout = ProcessTimeout()
        self.event.Unpack(timeout)
        return timeout.timeout_type
