"""B35: logic is called inside the transaction."""

import asyncio
from typing import Any

from angzarr_coordinator_aggregate import _logic


def plant() -> None:
    """Let nobody else go on, as the lock of the head would, while logic thinks."""
    handle, lock = _logic.Logic.handle, asyncio.Lock()

    async def locked(self: _logic.Logic, *told: Any) -> Any:
        async with lock:
            return await handle(self, *told)

    _logic.Logic.handle = locked  # type: ignore[method-assign]  # the bug
