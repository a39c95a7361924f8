"""The history of a root, whole or up to a point in time."""

from angzarr.types_pb2 import EventBook, TemporalQuery
from angzarr_replay import snapshot_of, state_of
from angzarr_store import EventLog, RootKey

LAST_SEQUENCE = 2**32 - 1


class Histories:
    """Reads what logic decides by; every reader of a root agrees on what was when.

    With `uses_snapshots` the first events of a root may be told as what they add up to. Only logic
    that has offered that gets it, since nothing else is kept.
    """

    def __init__(self, log: EventLog, *, uses_snapshots: bool = False) -> None:
        self._log = log
        self.uses_snapshots = uses_snapshots

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

    async def state(
        self, key: RootKey, *, last: int = LAST_SEQUENCE, whole: bool = False
    ) -> EventBook:
        """Return the history of a root with its next sequence, up to `last`; `whole`: every page.

        Raises:
            DamagedError: a stored page cannot be trusted.
            StoreUnavailableError: it cannot be read now.
        Rule: contract.md §4.1 step 7, §5.
        """
        kept = None if whole or not self.uses_snapshots else await self._log.snapshot(key)
        snapshot = snapshot_of(kept) if kept is not None and kept.sequence <= last else None
        first = snapshot.sequence + 1 if snapshot is not None else 0
        events = await self._log.read_root(key, first=first, last=last, limit_bytes=None)
        return state_of(self._log.domain, key, events, snapshot)
