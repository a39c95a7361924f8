"""Whether a query means something, and which events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._names import is_edition_name, is_name, is_reserved_domain

if TYPE_CHECKING:
    from collections.abc import Container

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
        name = _name_fault(self)
        if name is not None:
            return name
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

    @property
    def selected(self: Query) -> Container[int]:
        """Return the numbers of the events that the range or set holds; without one, all."""
        lowest, highest = self.bounds or (0, LAST_SEQUENCE)
        if self.WhichOneof("selection") == "sequences":
            return frozenset(self.sequences.values)
        return range(lowest, highest + 1)


def _name_fault(query: Query) -> Fault | None:
    cover = query.cover
    if cover.domain and not is_name(cover.domain) and not is_reserved_domain(cover.domain):
        return Fault("cover.domain", f"Invalid domain: {cover.domain}")
    if not is_edition_name(cover.edition_name):
        return Fault("cover.edition", f"Invalid edition name: {cover.edition.name}")
    return None


def _root_fault(query: Query) -> Fault | None:
    if not query.cover.domain:
        return Fault("cover.domain", "Cover must have a domain")
    length = len(query.cover.root.value)
    if length != 16:  # noqa: PLR2004 - the length of a UUID
        return Fault("cover.root", f"Invalid UUID: expected 16 bytes, got {length}")
    return None


def _point_fault(query: Query) -> Fault | None:
    if not query.HasField("temporal"):
        return None
    return query.temporal.fault("TemporalQuery must specify as_of_time or as_of_sequence")
