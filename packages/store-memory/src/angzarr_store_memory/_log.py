"""The log of a domain over rows in memory."""

from collections.abc import AsyncIterator
from itertools import islice

from typing_extensions import override

from angzarr_append import count_appends
from angzarr_ports import Metrics
from angzarr_rows import fitting, whole_appends
from angzarr_store import (
    EMPTY_CHAIN,
    FIRST_TIMER,
    MAIN_EDITION,
    Appended,
    Batch,
    Edition,
    Event,
    EventLog,
    FeedPage,
    FencedError,
    Fork,
    Head,
    LogMismatchError,
    PositionPastHeadError,
    RootKey,
    Snapshot,
    StoreError,
    Timer,
    TimerPlace,
    check_created,
    check_deleted,
)
from angzarr_store_memory._database import Database, LogRows


class MemoryLog(EventLog):
    """One domain's log."""

    def __init__(self, domain: str, database: Database, metrics: Metrics) -> None:
        self._domain = domain
        self._metrics = metrics
        self._database = database
        self._rows = database.logs.setdefault(domain, LogRows())
        self._epoch = self._rows.take_epoch()

    @property
    @override
    def domain(self) -> str:
        return self._domain

    @override
    async def append(self, batch: Batch) -> Appended:
        answer = self._database.append(self._domain, self._epoch, batch)
        count_appends(self._metrics, self._domain, [answer])
        if isinstance(answer, StoreError):
            raise answer
        return answer

    @override
    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        following = self._rows.next_of(key)
        row = self._rows.commands.get(command_id)
        if row is None:
            return None, following
        return Appended(row=row, pages=self._rows.pages_of(row), repeated=True), following

    @override
    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        found = self._rows.read(key, first, last)
        return found if limit_bytes is None else fitting(found, limit_bytes)

    @override
    async def first_later(self, key: RootKey, created_at: str) -> int | None:
        return self._rows.first_later(key, created_at)

    @override
    async def snapshot(self, key: RootKey) -> Snapshot | None:
        return self._rows.snapshots.get(key)

    @override
    async def save_snapshot(self, snapshot: Snapshot) -> None:
        kept, at = self._rows.snapshots.get(snapshot.key), snapshot.sequence
        events = self._rows.read(snapshot.key, at, at)
        is_later = kept is None or kept.sequence < at
        if is_later and events and events[0].page is not None:
            self._rows.snapshots[snapshot.key] = snapshot

    @override
    async def drop_snapshot(self, key: RootKey) -> None:
        self._rows.snapshots.pop(key, None)

    @override
    async def fork(self, key: RootKey) -> Fork:
        return self._rows.fork(self._domain, key)

    @override
    async def editions(self) -> list[Edition]:
        return sorted(self._rows.editions.values(), key=lambda edition: edition.name)

    @override
    async def create_edition(self, edition: Edition) -> Edition:
        check_created(edition.name, self._domain)
        self._check_epoch()
        return self._rows.create_edition(self._domain, edition)

    @override
    async def delete_edition(self, name: str) -> bool:
        check_deleted(name, self._domain)
        self._check_epoch()
        return self._rows.delete_edition(name)

    @override
    async def read_feed(
        self, *, after: int, limit: int, limit_bytes: int, after_chain: bytes = b""
    ) -> FeedPage:
        head = self._rows.head
        if after > head.position:
            raise PositionPastHeadError(self._domain, after, head.position)
        if after_chain and after_chain != self._chain(after):
            raise LogMismatchError(self._domain, after)
        cut, wanted = 0, limit + 1
        events: list[Event] = []
        while not cut and after < head.position:
            events = self._rows.events[after : after + wanted]
            cut = whole_appends(events, head.position, limit, limit_bytes)
            wanted *= 2
        return FeedPage(events=tuple(events[:cut]), head=head)

    @override
    async def read_correlation(
        self, correlation_id: str, edition: str, *, after: int, limit: int, limit_bytes: int
    ) -> list[Event]:
        wanted = (correlation_id, edition)
        events = islice(self._rows.events, after, None)
        found = (it for it in events if (it.correlation_id, it.key.edition) == wanted)
        return fitting(list(islice(found, limit)), limit_bytes)

    @override
    async def read_roots(self) -> AsyncIterator[bytes]:
        for event in self._rows.events:
            if event.sequence == 0 and event.key.edition == MAIN_EDITION:
                yield event.key.root

    @override
    async def timers(
        self, *, after: TimerPlace = FIRST_TIMER, root: bytes = b"", limit: int
    ) -> list[Timer]:
        found = sorted(self._rows.timers.values(), key=lambda timer: timer.place)
        wanted = [it for it in found if it.place > after and root in {b"", it.key.root}]
        return wanted[:limit]

    @override
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        return self._rows.timers.pop((key, timer_type), None) is not None

    @override
    async def head(self) -> Head:
        return self._rows.head

    def _check_epoch(self) -> None:
        if self._rows.head.epoch != self._epoch:
            raise FencedError(f"Coordinator of domain {self._domain}", self._epoch)

    def _chain(self, position: int) -> bytes:
        return self._rows.events[position - 1].chain if position else EMPTY_CHAIN
