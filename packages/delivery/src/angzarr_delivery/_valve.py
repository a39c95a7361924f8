"""Whether a subscription takes further events, as an operator decided."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from angzarr_store import Change, Lease, Ledger, RootKey, SaveProjection

KEY = RootKey(edition="", root=b"")
PAUSED, OPEN = b"paused", b""


class Valve:
    """Open or shut, durably: a row that no root has, under the lease of the subscription."""

    def __init__(self, sequence: int, *, is_shut: bool) -> None:
        self._sequence = sequence
        self._open = asyncio.Event()
        if not is_shut:
            self._open.set()

    @staticmethod
    async def of(ledger: Ledger, lease: Lease) -> "Valve":
        """Return it as it was left.

        Raises:
            StoreUnavailableError: nothing was read.
        """
        sequence, stored = await ledger.projection(lease, KEY) or (0, OPEN)
        return Valve(sequence, is_shut=stored == PAUSED)

    @property
    def is_shut(self) -> bool:
        """Say whether no further event is taken."""
        return not self._open.is_set()

    async def turn(
        self, commit: Callable[[Sequence[Change]], Awaitable[None]], *, shut: bool
    ) -> None:
        """Shut or open it; durable on return."""
        if shut != self.is_shut:
            self._sequence += 1
            state = PAUSED if shut else OPEN
            await commit([SaveProjection(key=KEY, sequence=self._sequence, projection=state)])
            (self._open.clear if shut else self._open.set)()

    async def passes(self) -> None:
        """Return while it is open, at once or when it is opened."""
        await self._open.wait()
