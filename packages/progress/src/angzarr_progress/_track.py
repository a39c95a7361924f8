"""Where the subscriptions of one component stand, durably, and who waits for them to move."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from angzarr_store import Advance, Change, Lease, LetterState, SaveLetter

APPEND_PAGES = 1000


class Track:
    """Hears what is stored; see `Policy.stored`."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._positions: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[int, asyncio.Event]]] = defaultdict(list)

    def lease(self, domain: str) -> Lease | None:
        """Return the lease of a subscription, None before it has begun."""
        return self._leases.get(domain)

    def position(self, domain: str) -> int:
        """Return the checkpoint of a subscription, -1 before it has begun."""
        return self._positions.get(domain, -1)

    def stored(self, lease: Lease, changes: Sequence[Change]) -> None:
        """Note what is durable; wake who waits for it."""
        domain, has_begun = lease.domain, bool(changes)
        if not has_begun:
            self._leases[domain], self._positions[domain] = lease, lease.position
        letters = [it.letter for it in changes if isinstance(it, SaveLetter)]
        parked = [it.position for it in letters if it.state is LetterState.PARKED]
        for change in changes:
            if isinstance(change, Advance):
                self._positions[domain] = change.new
        for position, moved in self._waiting[domain]:
            is_near = any(0 <= position - it < APPEND_PAGES for it in parked)
            if is_near or not has_begun or self._positions[domain] >= position:
                moved.set()

    @contextmanager
    def watching(self, domain: str, position: int) -> Iterator[asyncio.Event]:
        """Yield what is set when the checkpoint passes `position`, or something near is parked."""
        entry = position, asyncio.Event()
        self._waiting[domain].append(entry)
        try:
            yield entry[1]
        finally:
            self._waiting[domain].remove(entry)
