"""B30: a page is encoded again, and what this code does not know of it is lost."""

from typing import Any

from angzarr.types_pb2 import EventPage
from angzarr_append import _decision


def plant() -> None:
    """Store what was understood."""
    decision: Any = _decision
    honest = decision.with_position

    def with_position(page: bytes, position: int) -> bytes:
        known = EventPage.FromString(page)
        known.DiscardUnknownFields()
        return bytes(honest(known.SerializeToString(), position))

    decision.with_position = with_position
