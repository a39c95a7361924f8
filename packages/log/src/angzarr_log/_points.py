"""Which events of a root existed at a point in time."""

from dataclasses import dataclass

from angzarr.types_pb2 import TemporalQuery
from angzarr_store import EventLog, RootKey

LAST_SEQUENCE = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Points:
    """Tells for every reader of a log alike what was when."""

    log: EventLog

    async def last(self, key: RootKey, point: TemporalQuery) -> int:
        """Return the highest sequence that can be seen at a point, -1 when there was none yet.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: contract.md §1.1, TemporalQuery.
        """
        if point.WhichOneof("point_in_time") == "as_of_sequence":
            return point.as_of_sequence
        later = await self.log.first_later(key, point.latest)
        return LAST_SEQUENCE if later is None else later - 1
