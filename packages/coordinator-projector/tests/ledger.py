"""A store that shows what a subscriber commits to its ledger."""

import asyncio
from collections.abc import Sequence
from typing import Any

from angzarr.types_pb2 import Projection
from angzarr_store import (
    Advance,
    Change,
    Lease,
    Letter,
    LetterState,
    SaveLetter,
    SaveProjection,
    Store,
)


class WatchedLedger:
    """Passes on and remembers, over restarts of the subscriber."""

    def __init__(self) -> None:
        self.inner: Any = None
        self.lease: Lease | None = None
        self.commits: list[tuple[Change, ...]] = []
        self.checkpoints: dict[str, int] = {}
        self._storing: set[asyncio.Task[None]] = set()
        self.deaths: list[int] = []
        self.dead = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        """Pass on what changes nothing."""
        return getattr(self.inner, name)

    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Pass on, then remember, also when the subscriber has gone meanwhile."""
        storing = asyncio.ensure_future(self._commit(lease, tuple(changes)))
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)
        await asyncio.shield(storing)
        if lease.subscriber.endswith("~versions"):
            self.deaths = [left - 1 for left in self.deaths]
            if 0 in self.deaths:
                self.dead.set()
                await asyncio.Event().wait()

    async def settled(self) -> None:
        """Return when nothing is being stored."""
        while self._storing:
            await asyncio.wait(self._storing)

    async def _commit(self, lease: Lease, changes: tuple[Change, ...]) -> None:
        await self.inner.commit(lease, changes)
        if lease.subscriber.endswith("~versions"):
            return
        self.lease = lease
        self.commits.append(changes)
        for change in changes:
            if isinstance(change, Advance):
                self.checkpoints[lease.domain] = change.new

    def checkpoint(self, domain: str = "order") -> int:
        """Return how far the log of a domain is done."""
        return self.checkpoints.get(domain, 0)

    @property
    def projections(self) -> list[Projection]:
        """Return what was saved, in order of time."""
        return [
            Projection.FromString(it.projection)
            for changes in self.commits
            for it in changes
            if isinstance(it, SaveProjection)
        ]

    def saved(self, state: LetterState) -> list[Letter]:
        """Return what was saved in this state, in order of time."""
        saved = [it.letter for one in self.commits for it in one if isinstance(it, SaveLetter)]
        return [letter for letter in saved if letter.state is state]

    @property
    def parked(self) -> list[Letter]:
        """Return the letters of parked events."""
        return self.saved(LetterState.PARKED)

    @property
    def retried(self) -> int:
        """Return how many failed attempts were counted."""
        return len(self.saved(LetterState.RETRYING))


class WatchedStore:
    """Another store with a watched ledger; its probe fails when told."""

    def __init__(self, inner: Store, ledger: WatchedLedger) -> None:
        self.inner = inner
        self.ledger = ledger
        self.fault = ""
        ledger.inner = inner.ledger

    def __getattr__(self, name: str) -> Any:
        """Pass on what is not watched."""
        return getattr(self.inner, name)

    async def probe(self) -> None:
        """Pass on what does not fail."""
        if self.fault:
            raise OSError(self.fault)
        await self.inner.probe()
