"""Which point in time a request means."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.types_pb2 import TemporalQuery


class TemporalQueryTraits:
    """Behaviour of TemporalQuery."""

    def fault(self: TemporalQuery, missing: str) -> Fault | None:
        """Return what is wrong with the point, None if nothing is; `missing` says there is none."""
        if self.WhichOneof("point_in_time") is None:
            return Fault("temporal", missing)
        try:
            self.as_of_time.ToJsonString()
        except ValueError:
            text = "as_of_time must be a time in the years 1 to 9999"
            return Fault("temporal.as_of_time", text)
        return None

    @property
    def latest(self: TemporalQuery) -> str:
        """Return the greatest `created_at` of an event that is not later than the time.

        Shape: RFC 3339 in UTC with microseconds, as stores keep and compare it.
        """
        return self.as_of_time.ToDatetime(tzinfo=UTC).isoformat()
