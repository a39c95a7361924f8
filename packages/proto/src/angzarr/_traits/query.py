"""Whether a query means something, and which events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.types_pb2 import Query

LAST_SEQUENCE = 2**32 - 1


class QueryTraits:
    """Behaviour of Query."""

    def fault(self: Query) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.4), or None."""
        cover = self.cover
        if not self.HasField("cover"):
            text = "Query must have a cover with domain/root or correlation_id"
            return Fault("cover", text)
        if cover.HasField("root"):
            return _root_fault(self) or _point_fault(self)
        if not cover.correlation_id:
            return Fault("cover", "Query must have a root UUID or correlation_id")
        return _point_fault(self)

    @property
    def bounds(self: Query) -> tuple[int, int] | None:
        """Return the lowest and highest number that can be selected; None means any."""
        match self.WhichOneof("selection"):
            case "range":
                upper = self.range.upper if self.range.HasField("upper") else LAST_SEQUENCE
                return self.range.lower, upper
            case "sequences":
                return min(self.sequences.values, default=0), max(self.sequences.values, default=0)
            case _:
                return None

    def selects(self: Query, sequence: int) -> bool:
        """Say whether the range or set holds the number of an event; without one, all do."""
        match self.WhichOneof("selection"):
            case "range":
                upper = self.range.upper if self.range.HasField("upper") else sequence
                return self.range.lower <= sequence <= upper
            case "sequences":
                return sequence in self.sequences.values
            case _:
                return True


def _root_fault(query: Query) -> Fault | None:
    if not query.cover.domain:
        return Fault("cover.domain", "Cover must have a domain")
    length = len(query.cover.root.value)
    if length != 16:  # noqa: PLR2004 - the length of a UUID
        return Fault("cover.root", f"Invalid UUID: expected 16 bytes, got {length}")
    return None


def _point_fault(query: Query) -> Fault | None:
    if query.HasField("temporal") and query.temporal.WhichOneof("point_in_time") is None:
        return Fault("temporal", "TemporalQuery must specify as_of_time or as_of_sequence")
    return None
