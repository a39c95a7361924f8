"""Where the subscriptions of one component stand, durably, and who waits for them to move."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from angzarr_store import Advance, Change, Lease, LetterState, SaveLetter

APPEND_PAGES = 1000
FLUSH_SECONDS = 0.02


class Track:
    """Hears what is stored; see `Policy`."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._positions: dict[str, int] = {}
        self._flushes: dict[str, Callable[[], None]] = {}
        self._waiting: dict[str, list[tuple[int, asyncio.Event]]] = defaultdict(list)
        self.is_standing_by = False

    def stand_by(self) -> None:
        """Know that another process has the leases; wake everybody who waits."""
        self.is_standing_by = True
        for waiting in self._waiting.values():
            for _, moved in waiting:
                moved.set()

    def lease(self, domain: str) -> Lease | None:
        """Return the lease of a subscription, None before it has begun."""
        return self._leases.get(domain)

    def position(self, domain: str) -> int:
        """Return the checkpoint of a subscription, -1 before it has begun."""
        return self._positions.get(domain, -1)

    def begun(self, lease: Lease, flush: Callable[[], None]) -> None:
        """Take a lease, and how to move its checkpoint; wake everybody who waits."""
        domain, self.is_standing_by = lease.domain, False
        self._leases[domain], self._positions[domain] = lease, lease.position
        self._flushes[domain] = flush
        for _, moved in self._waiting[domain]:
            moved.set()

    def stored(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Note what is durable; wake who waits for it."""
        letters = [it.letter for it in changes if isinstance(it, SaveLetter)]
        parked = [it.position for it in letters if it.state is LetterState.PARKED]
        for change in changes:
            if isinstance(change, Advance):
                self._positions[lease.domain] = change.new
        for position, moved in self._waiting[lease.domain]:
            is_near = any(0 <= position - it < APPEND_PAGES for it in parked)
            if is_near or self._positions[lease.domain] >= position:
                moved.set()

    async def news(self, domain: str, moved: asyncio.Event) -> None:
        """Return when `moved` is set; have the checkpoint moved meanwhile as far as it may be."""
        while not moved.is_set():
            if domain in self._flushes:
                self._flushes[domain]()
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await moved.wait()

    @contextmanager
    def watching(self, domain: str, position: int) -> Iterator[asyncio.Event]:
        """Yield what is set when the checkpoint passes `position`, or something near is parked."""
        entry = position, asyncio.Event()
        self._waiting[domain].append(entry)
        try:
            yield entry[1]
        finally:
            self._waiting[domain].remove(entry)
