"""A store whose ledger shows how far its subscriber has come.

The contract lets the owner of a lease write a checkpoint and nobody else read it, so the runtime
looks at what is committed. Nothing is changed on the way.
"""

import asyncio
from collections.abc import Sequence

from typing_extensions import override

from angzarr_ports import System
from angzarr_store import (
    MAIN_EDITION,
    Advance,
    Backlog,
    Change,
    EventLog,
    Filed,
    Lease,
    Ledger,
    Letter,
    LetterQuery,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveReaction,
    Store,
    StoreConfig,
)
from angzarr_store_memory import MemoryStore


class WatchedLedger(Ledger):
    """The ledger of one subscriber; its rows are those of another."""

    def __init__(self, inner: Ledger) -> None:
        self._inner = inner
        self._leases: dict[str, Lease] = {}
        self._positions: dict[str, int] = {}
        self._due: set[tuple[str, int, int]] = set()
        self._parked: set[tuple[str, int]] = set()
        self._moved = asyncio.Event()

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        lease = await self._inner.acquire(subscriber, domain)
        self._leases[domain] = lease
        self._positions[domain] = lease.position
        return lease

    @override
    async def backlog(self, lease: Lease) -> Backlog:
        return await self._inner.backlog(lease)

    @override
    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        await self._inner.commit(lease, changes)
        for change in changes:
            self._note(lease.domain, change)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _note(self, domain: str, change: Change) -> None:
        match change:
            case Advance(new=new):
                self._positions[domain] = new
            case SaveReaction(reaction=it) if it.state is ReactionState.DUE:
                self._due.add((domain, it.position, it.index))
            case SaveReaction(reaction=it):
                self._due.discard((domain, it.position, it.index))
            case SaveLetter(letter=it) if it.state is LetterState.PARKED:
                self._parked.add((domain, it.position))
            case _:
                pass

    @override
    async def projection(self, lease: Lease, key: RootKey) -> tuple[int, bytes] | None:
        return await self._inner.projection(lease, key)

    def position(self, domain: str) -> int:
        """Return the checkpoint in a domain, 0 before the subscription has begun."""
        return self._positions.get(domain, 0)

    def due(self, domain: str) -> int:
        """Return how many compensations are still to be sent, but for those that are parked."""
        due = {(it, position) for it, position, _ in self._due if it == domain}
        return len(due - self._parked)

    async def reached(self, domain: str, position: int) -> None:
        """Return when the checkpoint in a domain has come to `position` and nothing is due."""
        while self.position(domain) < position or self.due(domain):
            await self._moved.wait()

    @override
    async def reactions(self, lease: Lease, position: int) -> tuple[Reaction, ...]:
        return await self._inner.reactions(lease, position)

    @override
    async def letters(
        self, wanted: LetterQuery, *, after: tuple[str, str] = ("", ""), limit: int
    ) -> list[Filed]:
        return await self._inner.letters(wanted, after=after, limit=limit)

    @override
    async def count_letters(self, wanted: LetterQuery) -> int:
        return await self._inner.count_letters(wanted)

    @override
    async def letter(self, id_: str) -> Filed | None:
        return await self._inner.letter(id_)

    @override
    async def root_letters(
        self, subscriber: str, domain: str, key: RootKey, *, limit: int
    ) -> list[Letter]:
        return await self._inner.root_letters(subscriber, domain, key, limit=limit)

    @override
    async def request_replay(self, ids: Sequence[str]) -> None:
        await self._inner.request_replay(ids)

    @override
    async def discard_letter(self, id_: str, note: str) -> bool:
        return await self._inner.discard_letter(id_, note)

    @override
    async def file_letter(self, letter: Letter) -> None:
        await self._inner.file_letter(letter)

    async def unfinished(self) -> list[Letter]:
        """Return the events that are retried or parked, domain by domain, in order."""
        backlogs = [await self.backlog(lease) for lease in self._leases.values()]
        return [letter for backlog in backlogs for letter in backlog.letters]

    async def newest(self, domain: str, root: bytes) -> bytes:
        """Return the encoded projection of a root of main, b"" without one."""
        key = RootKey(edition=MAIN_EDITION, root=root)
        found = await self.projection(self._leases[domain], key)
        return found[1] if found else b""


class WatchedStore(Store):
    """A store with a ledger that is watched."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self._ledger = WatchedLedger(inner.ledger)

    @classmethod
    @override
    async def open(cls, config: StoreConfig, system: System) -> "WatchedStore":
        return cls(await MemoryStore.open(config, system))

    @override
    async def log(self, domain: str) -> EventLog:
        return await self._inner.log(domain)

    @property
    @override
    def ledger(self) -> WatchedLedger:
        return self._ledger

    @override
    async def probe(self) -> None:
        await self._inner.probe()

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()
