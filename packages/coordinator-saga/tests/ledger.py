"""A store that shows what a subscriber commits to its ledger."""

import asyncio
from collections.abc import Sequence
from typing import Any

from angzarr_dispatch import is_compensation
from angzarr_store import (
    Advance,
    Change,
    Lease,
    Letter,
    LetterState,
    Reaction,
    SaveLetter,
    SaveReaction,
    Store,
)


class WatchedLedger:
    """Passes on and remembers, over restarts of the subscriber."""

    def __init__(self) -> None:
        self.inner: Any = None
        self.commits: list[tuple[Change, ...]] = []
        self.checkpoints: dict[str, int] = {}
        self._storing = asyncio.Lock()

    def __getattr__(self, name: str) -> Any:
        """Pass on what changes nothing."""
        return getattr(self.inner, name)

    async def commit(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Pass on, then remember, also when the subscriber has gone meanwhile."""
        await asyncio.shield(asyncio.ensure_future(self._commit(lease, tuple(changes))))

    async def settled(self) -> None:
        """Return when nothing is being stored."""
        async with self._storing:
            pass

    async def _commit(self, lease: Lease, changes: tuple[Change, ...]) -> None:
        async with self._storing:
            await self.inner.commit(lease, changes)
        self.commits.append(changes)
        for change in changes:
            if isinstance(change, Advance):
                self.checkpoints[lease.domain] = change.new

    def checkpoint(self, domain: str = "order") -> int:
        """Return how far the log of a domain is done."""
        return self.checkpoints.get(domain, 0)

    @property
    def decided(self) -> list[Reaction]:
        """Return the commands that were decided, as they are now, in order."""
        return [it for it in self.saved if not is_compensation(it)]

    @property
    def compensations(self) -> list[Reaction]:
        """Return compensations and records of failures, as they are now, in order."""
        return [it for it in self.saved if is_compensation(it)]

    @property
    def saved(self) -> list[Reaction]:
        """Return every reaction as it is now, in order."""
        saved = {
            (it.reaction.position, it.reaction.index): it.reaction
            for changes in self.commits
            for it in changes
            if isinstance(it, SaveReaction)
        }
        return [saved[place] for place in sorted(saved)]

    @property
    def ended(self) -> bool:
        """Say whether there was a compensation and nothing is due."""
        found = self.compensations
        return bool(found) and all(str(it.state) != "due" for it in found)

    def saves(self, state: str) -> list[list[str]]:
        """Return the states of the reactions of each commit that saved one in this state."""
        each = ([it for it in one if isinstance(it, SaveReaction)] for one in self.commits)
        found = [[str(it.reaction.state) for it in saved] for saved in each]
        return [states for states in found if state in states]

    @property
    def states(self) -> list[str]:
        """Return how far each decided command has come."""
        return [str(it.state) for it in self.decided]

    def letters_in(self, state: LetterState) -> list[Letter]:
        """Return what was saved in this state, in order of time."""
        saved = [it.letter for one in self.commits for it in one if isinstance(it, SaveLetter)]
        return [letter for letter in saved if letter.state is state]

    @property
    def parked(self) -> list[Letter]:
        """Return the letters of parked events."""
        return self.letters_in(LetterState.PARKED)

    @property
    def retried(self) -> int:
        """Return how many failed attempts were counted."""
        return len(self.letters_in(LetterState.RETRYING))


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
