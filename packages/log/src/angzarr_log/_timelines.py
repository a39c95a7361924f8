"""The timeline of a root: main, or a named edition composed with it (contract.md §4.11)."""

from dataclasses import dataclass

from angzarr.types_pb2 import TemporalQuery
from angzarr_store import Event, EventLog, RootKey, Snapshot

LAST_SEQUENCE = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One root as it is read: events of main below `divergence`, then those of its own.

    `following` is the sequence that its next event gets, None on main, where nobody has asked.
    """

    log: EventLog
    key: RootKey
    divergence: int = 0
    following: int | None = None

    async def read(
        self, *, first: int = 0, last: int = LAST_SEQUENCE, limit_bytes: int | None
    ) -> list[Event]:
        """Return the first events with first ≤ sequence ≤ last; see `EventLog.read_root`.

        Raises:
            StoreUnavailableError: nothing was read.
        """
        if first >= self.divergence:
            limits = {"first": first, "last": last}
            return await self.log.read_root(self.key, **limits, limit_bytes=limit_bytes)
        end, main = min(last, self.divergence - 1), self.key.on_main
        events = await self.log.read_root(main, first=first, last=end, limit_bytes=limit_bytes)
        left = None if limit_bytes is None else limit_bytes - _size(events)
        is_cut = not events or events[-1].sequence < end
        if is_cut or end == last or (left is not None and left <= 0):
            return events
        own = await self.read(first=self.divergence, last=last, limit_bytes=left)
        return events if left is not None and _size(own) > left else events + own

    async def last(self, point: TemporalQuery) -> int:
        """Return the highest sequence that can be seen at a point, -1 when there was none yet.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: contract.md §1.1, TemporalQuery.
        """
        if point.WhichOneof("point_in_time") == "as_of_sequence":
            return point.as_of_sequence
        if self.divergence:
            later = await self.log.first_later(self.key.on_main, point.latest)
            if later is not None and later < self.divergence:
                return later - 1
        later = await self.log.first_later(self.key, point.latest)
        return LAST_SEQUENCE if later is None else later - 1

    async def snapshot(self, last: int) -> Snapshot | None:
        """Return the snapshot that stands for its first events up to `last`, if there is one.

        Raises:
            StoreUnavailableError: nothing was read.
        Rule: reliability.md N35.
        """
        own = await self.log.snapshot(self.key)
        if own is not None and own.sequence <= last:
            return own
        if not self.divergence:
            return None
        main = await self.log.snapshot(self.key.on_main)
        is_shared = main is not None and main.sequence <= min(last, self.divergence - 1)
        return main if is_shared else None


def _size(events: list[Event]) -> int:
    return sum(len(event.page or b"") for event in events)


async def timeline_of(log: EventLog, key: RootKey, asked: int | None = None) -> Timeline:
    """Return the timeline of a root; `asked` is where a request says that it leaves main.

    Raises:
        EditionDeletedError, DivergenceMismatchError: as of `Fork.divergence`.
        StoreUnavailableError: nothing was read.
    """
    if key.is_main:
        return Timeline(log=log, key=key)
    fork = await log.fork(key)
    return Timeline(
        log=log,
        key=key,
        divergence=fork.divergence(asked),
        following=fork.next_sequence(asked),
    )
