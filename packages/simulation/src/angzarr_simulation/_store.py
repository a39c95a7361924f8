"""A store behind a simulated disk; a watcher sees the durable writes."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from typing_extensions import override

from angzarr_ports import System
from angzarr_simulation._disk import Disk
from angzarr_store import (
    FIRST_TIMER,
    Appended,
    Audit,
    Backlog,
    Batch,
    Change,
    Edition,
    Event,
    EventLog,
    FeedPage,
    Filed,
    Fork,
    Head,
    Lease,
    Ledger,
    Letter,
    LetterQuery,
    Reaction,
    RootKey,
    Snapshot,
    Store,
    StoreConfig,
    Timer,
    TimerPlace,
)

ResultT = TypeVar("ResultT")


class Watcher(Protocol):
    """Hears of what has become durable, at the instant at which it does."""

    def opened(self, log: EventLog) -> None:
        """Take the log of a domain as it is on disk."""

    def leased(self, lease: Lease, backlog: Backlog) -> None:
        """Take a subscription as it stands on disk."""

    def committed(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Take the transaction of a subscriber."""

    def fed(self, domain: str, after: int, page: FeedPage) -> None:
        """Take a reply of the feed."""


class SimulatedLog(EventLog):
    """One domain's log."""

    def __init__(self, inner: EventLog, disk: Disk, watcher: Watcher, *, limit_pages: int) -> None:
        self._inner = inner
        self._disk = disk
        self._watcher = watcher
        self._limit_pages = limit_pages

    @property
    @override
    def domain(self) -> str:
        return self._inner.domain

    @override
    async def append(self, batch: Batch) -> Appended:
        appended: Appended = await self._disk.write(lambda: self._inner.append(batch))
        return appended

    @override
    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        return await self._read(lambda: self._inner.recall(command_id, key))

    @override
    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        return await self._read(
            lambda: self._inner.read_root(key, first=first, last=last, limit_bytes=limit_bytes)
        )

    @override
    async def first_later(self, key: RootKey, created_at: str) -> int | None:
        return await self._read(lambda: self._inner.first_later(key, created_at))

    @override
    async def snapshot(self, key: RootKey) -> Snapshot | None:
        return await self._read(lambda: self._inner.snapshot(key))

    @override
    async def save_snapshot(self, snapshot: Snapshot) -> None:
        await self._disk.write(lambda: self._inner.save_snapshot(snapshot))

    @override
    async def drop_snapshot(self, key: RootKey) -> None:
        await self._disk.write(lambda: self._inner.drop_snapshot(key))

    @override
    async def fork(self, key: RootKey) -> Fork:
        return await self._read(lambda: self._inner.fork(key))

    @override
    async def editions(self) -> list[Edition]:
        return await self._read(self._inner.editions)

    @override
    async def create_edition(self, edition: Edition) -> Edition:
        made: Edition = await self._disk.write(lambda: self._inner.create_edition(edition))
        return made

    @override
    async def delete_edition(self, name: str) -> bool:
        return bool(await self._disk.write(lambda: self._inner.delete_edition(name)))

    @override
    async def read_feed(
        self, *, after: int, limit: int, limit_bytes: int, after_chain: bytes = b""
    ) -> FeedPage:
        page = await self._read(
            lambda: self._inner.read_feed(
                after=after,
                limit=min(limit, self._limit_pages),
                limit_bytes=limit_bytes,
                after_chain=after_chain,
            )
        )
        self._watcher.fed(self.domain, after, page)
        return page

    @override
    async def read_correlation(
        self, correlation_id: str, edition: str, *, after: int, limit: int, limit_bytes: int
    ) -> list[Event]:
        return await self._read(
            lambda: self._inner.read_correlation(
                correlation_id,
                edition,
                after=after,
                limit=min(limit, self._limit_pages),
                limit_bytes=limit_bytes,
            )
        )

    @override
    async def read_roots(self) -> AsyncIterator[bytes]:
        await self._disk.pause()
        async for root in self._inner.read_roots():
            yield root

    @override
    async def timers(
        self, *, after: TimerPlace = FIRST_TIMER, root: bytes = b"", limit: int
    ) -> list[Timer]:
        return await self._read(lambda: self._inner.timers(after=after, root=root, limit=limit))

    @override
    async def cancel_timer(self, key: RootKey, timer_type: str) -> bool:
        was_set: bool = await self._disk.write(lambda: self._inner.cancel_timer(key, timer_type))
        return was_set

    @override
    async def head(self) -> Head:
        return await self._read(self._inner.head)

    async def _read(self, read: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        await self._disk.pause()
        result = await read()
        await self._disk.pause()
        return result


class SimulatedLedger(Ledger):
    """The subscriptions of one component."""

    def __init__(self, inner: Ledger, disk: Disk, watcher: Watcher) -> None:
        self._inner = inner
        self._disk = disk
        self._watcher = watcher

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        async def take() -> Lease:
            lease = await self._inner.acquire(subscriber, domain)
            self._watcher.leased(lease, await self._inner.backlog(lease))
            return lease

        lease: Lease = await self._disk.write(take)
        return lease

    @override
    async def backlog(self, lease: Lease) -> Backlog:
        await self._disk.pause()
        return await self._inner.backlog(lease)

    @override
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        async def store() -> None:
            await self._inner.commit(lease, changes)
            self._watcher.committed(lease, changes)

        await self._disk.write(store)

    @override
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        await self._disk.pause()
        return await self._inner.projection(lease, key)

    @override
    async def reactions(self, lease: Lease, position: int) -> tuple[Reaction, ...]:
        await self._disk.pause()
        return await self._inner.reactions(lease, position)

    @override
    async def letters(
        self, wanted: LetterQuery, *, after: tuple[str, str] = ("", ""), limit: int
    ) -> list[Filed]:
        await self._disk.pause()
        return await self._inner.letters(wanted, after=after, limit=limit)

    @override
    async def count_letters(self, wanted: LetterQuery) -> int:
        await self._disk.pause()
        return await self._inner.count_letters(wanted)

    @override
    async def letter(self, id_: str) -> Filed | None:
        await self._disk.pause()
        return await self._inner.letter(id_)

    @override
    async def root_letters(
        self, subscriber: str, domain: str, key: RootKey, *, limit: int
    ) -> list[Letter]:
        await self._disk.pause()
        return await self._inner.root_letters(subscriber, domain, key, limit=limit)

    @override
    async def request_replay(self, ids: Sequence[str]) -> None:
        await self._disk.write(lambda: self._inner.request_replay(ids))

    @override
    async def discard_letter(self, id_: str, note: str) -> bool:
        parked: bool = await self._disk.write(lambda: self._inner.discard_letter(id_, note))
        return parked

    @override
    async def file_letter(self, letter: Letter) -> None:
        await self._disk.write(lambda: self._inner.file_letter(letter))


class SimulatedStore(Store):
    """A store in memory behind a disk; the rows outlive the process."""

    def __init__(self, inner: Store, disk: Disk, watcher: Watcher, *, limit_pages: int) -> None:
        self._inner = inner
        self._disk = disk
        self._watcher = watcher
        self._limit_pages = limit_pages
        self._ledger = SimulatedLedger(inner.ledger, disk, watcher)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "SimulatedStore":
        raise TypeError("a simulated store belongs to a process, not to a configuration")

    @classmethod
    @override
    async def audit(cls, config: StoreConfig, system: System) -> Audit | None:
        raise TypeError("a simulated store is audited by its watcher")

    @override
    async def log(self, domain: str) -> EventLog:
        await self._disk.pause()
        inner = await self._inner.log(domain)
        self._watcher.opened(inner)
        return SimulatedLog(inner, self._disk, self._watcher, limit_pages=self._limit_pages)

    @property
    @override
    def ledger(self) -> Ledger:
        return self._ledger

    @override
    async def probe(self) -> None:
        await self._disk.pause()
        await self._inner.probe()

    @override
    async def aclose(self) -> None:
        await self._disk.pause()
        await self._inner.aclose()
