"""B15: the checkpoint is stored in a transaction before that of the effect."""

from functools import partial
from typing import Any

from angzarr_delivery import _committer
from angzarr_store import Advance


def plant() -> None:
    """Split the changes."""
    planted: Any = _committer
    patiently = planted.patiently

    async def split(store: Any, system: Any) -> None:
        lease, changes = store.args
        moves = [it for it in changes if isinstance(it, Advance)]
        await patiently(partial(store.func, lease, moves), system)
        others = [it for it in changes if not isinstance(it, Advance)]
        await patiently(partial(store.func, lease, others), system)

    planted.patiently = split
