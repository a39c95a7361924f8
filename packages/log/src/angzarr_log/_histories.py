"""The history of a root as logic decides by it."""

from angzarr.types_pb2 import EventBook
from angzarr_log._timelines import LAST_SEQUENCE, timeline_of
from angzarr_replay import snapshot_of, state_of
from angzarr_store import EventLog, RootKey
from angzarr_upcaster import Upcaster


class Histories:
    """Reads what logic decides by.

    With `uses_snapshots` the first events of a root may be told as what they add up to. Only logic
    that has offered that gets it, since nothing else is kept. Events are in their newest form.
    """

    def __init__(self, log: EventLog, upcaster: Upcaster, *, uses_snapshots: bool = False) -> None:
        self._log = log
        self._upcaster = upcaster
        self.uses_snapshots = uses_snapshots

    async def state(
        self,
        key: RootKey,
        asked: int | None = None,
        *,
        last: int = LAST_SEQUENCE,
        whole: bool = False,
    ) -> EventBook:
        """Return the history of a root with its next sequence, up to `last`; `whole`: every page.

        `asked` is where a request says that a named edition leaves main.

        Raises:
            EditionDeletedError, DivergenceMismatchError: as of `Fork.divergence`.
            DamagedError: a stored page cannot be trusted.
            RequestError: UPCAST_FAILED.
            StoreUnavailableError: it cannot be read now.
        Rule: contract.md §4.1 step 7, §4.12, §5.
        """
        timeline = await timeline_of(self._log, key, asked)
        kept = None if whole or not self.uses_snapshots else await timeline.snapshot(last)
        snapshot = snapshot_of(kept) if kept is not None else None
        first = snapshot.sequence + 1 if snapshot is not None else 0
        events = await timeline.read(first=first, last=last, limit_bytes=None)
        return await self._upcaster.upcast(state_of(self._log.domain, key, events, snapshot))

    async def shown(self, book: EventBook) -> EventBook:
        """Return pages as logic sees them.

        Raises:
            RequestError: UPCAST_FAILED.
        """
        return await self._upcaster.upcast(book)
