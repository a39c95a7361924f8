"""The history of a root, whole or up to a point in time."""

from angzarr.types_pb2 import EventBook, TemporalQuery
from angzarr_replay import state_of
from angzarr_store import EventLog, RootKey

LAST_SEQUENCE = 2**32 - 1


class Histories:
    """Reads what logic decides by; every reader of a root agrees on what was when."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def last(self, key: RootKey, point: TemporalQuery) -> int:
        """Return the highest sequence that can be seen at a point, -1 when there was none yet.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: contract.md §1.1, TemporalQuery.
        """
        if point.WhichOneof("point_in_time") == "as_of_sequence":
            return point.as_of_sequence
        later = await self._log.first_later(key, point.latest)
        return LAST_SEQUENCE if later is None else later - 1

    async def state(self, key: RootKey, *, last: int | None = None) -> EventBook:
        """Return the history of a root with its next sequence, up to `last` if it is given.

        Raises:
            DamagedError: a stored page cannot be trusted.
            StoreUnavailableError: it cannot be read now.
        """
        events = await self._log.read_root(key, last=last, limit_bytes=None)
        return state_of(self._log.domain, key, events)
