"""B15: the checkpoint is stored in a transaction before that of the effect."""

from collections.abc import Sequence

from angzarr_delivery._committer import Committer
from angzarr_store import Advance, Change


def plant() -> None:
    """Split the changes."""
    store = Committer._store

    async def split(self: Committer, changes: Sequence[Change]) -> None:
        await store(self, [it for it in changes if isinstance(it, Advance)])
        await store(self, [it for it in changes if not isinstance(it, Advance)])

    Committer._store = split  # type: ignore[method-assign]
