"""The log of a domain on tables: appends through the writer, reads beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace

from typing_extensions import override

from angzarr_rows import (
    command_of,
    edition_of,
    event_of,
    fork_of,
    fork_values,
    key_values,
    timer_of,
    whole_appends,
)
from angzarr_store import (
    EMPTY_CHAIN,
    FIRST_TIMER,
    Appended,
    Batch,
    Edition,
    Event,
    EventLog,
    FeedPage,
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
from angzarr_tables._editions import CreateEdition, DeleteEdition
from angzarr_tables._process import CancelTimer
from angzarr_tables._reads import Reads
from angzarr_tables._snapshots import DropSnapshot, SaveSnapshot
from angzarr_tables._steps import Rows
from angzarr_tables._writer import Writer

LAST_SEQUENCE = 2**32 - 1
ROOTS_PER_READ = 1000


class TableLog(EventLog):
    """One domain's log."""

    def __init__(self, domain: str, head: Head, writer: Writer, reads: Reads) -> None:
        self._domain = domain
        self._epoch = head.epoch
        self._writer = writer
        self._reads = reads

    @property
    @override
    def domain(self) -> str:
        return self._domain

    @override
    async def append(self, batch: Batch) -> Appended:
        answer = await self._writer.append(self._domain, self._epoch, batch)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    @override
    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        values = {"command_id": command_id, **key_values(key)}
        ((last, *command),) = await self._rows("select_recall", **values)
        following = 0 if last is None else last + 1
        if command[0] is None:
            return None, following
        row = command_of(command)
        events = await self.read_root(
            row.key,
            first=row.first_sequence,
            last=row.first_sequence + row.count - 1,
            limit_bytes=None,
        )
        pages = tuple(event.page or b"" for event in events)
        return Appended(row=row, pages=pages, repeated=True), following

    @override
    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        end = LAST_SEQUENCE if last is None else last
        place = {"first": first, "last": end, **key_values(key)}
        if limit_bytes is None:
            rows = await self._rows("select_root_events", **place)
        else:
            limits = {"limit_bytes": limit_bytes, **place}
            rows = await self._rows("select_fitting_root_events", **limits)
        return [event_of(row) for row in rows]

    @override
    async def first_later(self, key: RootKey, created_at: str) -> int | None:
        values = {"created_at": created_at, **key_values(key)}
        rows = await self._rows("select_first_later", **values)
        return None if rows[0][0] is None else int(rows[0][0])

    @override
    async def snapshot(self, key: RootKey) -> Snapshot | None:
        rows = await self._rows("select_snapshot", **key_values(key))
        return Snapshot(key=key, sequence=rows[0][0], state=rows[0][1]) if rows else None

    @override
    async def save_snapshot(self, snapshot: Snapshot) -> None:
        await self._writer.execute(SaveSnapshot(self._domain, snapshot))

    @override
    async def drop_snapshot(self, key: RootKey) -> None:
        await self._writer.execute(DropSnapshot(self._domain, key))

    @override
    async def fork(self, key: RootKey) -> Fork:
        (row,) = await self._reads.rows("select_fork", fork_values(self._domain, key))
        fork = fork_of(self._domain, key, row)
        if not fork.latest:
            return fork
        return replace(fork, later=await self.first_later(key.on_main, fork.latest))

    @override
    async def editions(self) -> list[Edition]:
        return [edition_of(row) for row in await self._rows("select_editions")]

    @override
    async def create_edition(self, edition: Edition) -> Edition:
        check_created(edition.name, self._domain)
        made = await self._writer.execute(CreateEdition(self._domain, self._epoch, edition))
        if isinstance(made, StoreError):
            raise made
        return made

    @override
    async def delete_edition(self, name: str) -> bool:
        check_deleted(name, self._domain)
        found = await self._writer.execute(DeleteEdition(self._domain, self._epoch, name))
        if isinstance(found, StoreError):
            raise found
        return found

    @override
    async def read_feed(
        self, *, after: int, limit: int, limit_bytes: int, after_chain: bytes = b""
    ) -> FeedPage:
        head = await self.head()
        if after > head.position:
            raise PositionPastHeadError(self._domain, after, head.position)
        if after_chain and after_chain != await self._chain(after):
            raise LogMismatchError(self._domain, after)
        cut, wanted = 0, limit + 1
        events: list[Event] = []
        while not cut and after < head.position:
            count = min(wanted, head.position - after)
            events = await self._feed(after, count)
            if len(events) < count:
                raise LogMismatchError(self._domain, after + len(events) + 1)
            cut = whole_appends(events, head.position, limit, limit_bytes)
            wanted *= 2
        return FeedPage(events=tuple(events[:cut]), head=head)

    @override
    async def read_correlation(
        self, correlation_id: str, edition: str, *, after: int, limit: int, limit_bytes: int
    ) -> list[Event]:
        values = {"correlation_id": correlation_id, "edition": edition, "after": after}
        limits = {"limit": limit, "limit_bytes": limit_bytes}
        rows = await self._rows("select_correlation_events", **values, **limits)
        return [event_of(row) for row in rows]

    @override
    async def read_roots(self) -> AsyncIterator[bytes]:
        after = 0
        while rows := await self._rows("select_roots", after=after, limit=ROOTS_PER_READ):
            for row in rows:
                yield row[0]
            after = rows[-1][1]

    @override
    async def timers(
        self, *, after: TimerPlace = FIRST_TIMER, root: bytes = b"", limit: int
    ) -> list[Timer]:
        names = ("after_deadline", "after_edition", "after_root", "after_type")
        place = dict(zip(names, after, strict=True))
        rows = await self._rows("select_timers", root=root, limit=limit, **place)
        return [timer_of(row) for row in rows]

    @override
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        return await self._writer.execute(CancelTimer(self._domain, key, timer_type))

    @override
    async def head(self) -> Head:
        for position, epoch, chain in await self._rows("select_head"):
            return Head(position=position, epoch=epoch, chain=chain)
        return _EMPTY

    async def _feed(self, after: int, limit: int) -> list[Event]:
        rows = await self._rows("select_feed_events", after=after, limit=limit)
        return [event_of(row) for row in rows]

    async def _chain(self, position: int) -> bytes:
        rows = await self._rows("select_chain", position=position)
        return bytes(rows[0][0]) if rows else EMPTY_CHAIN

    async def _rows(self, name: str, **values: object) -> Rows:
        return await self._reads.rows(name, {"domain": self._domain, **values})


_EMPTY = Head(position=0, epoch=0, chain=EMPTY_CHAIN)
