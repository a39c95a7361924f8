"""B35: logic is called inside the transaction."""

import asyncio
from typing import Any

from angzarr_coordinator_aggregate import _logic

from .replacing import replace


def plant() -> None:
    """Let nobody else go on, as the lock of the head would, while logic thinks."""
    logic: Any = _logic.Logic
    handle, lock = logic.handle, asyncio.Lock()

    async def locked(self: _logic.Logic, *told: Any) -> Any:
        async with lock:
            return await handle(self, *told)

    replace(logic, "handle", locked)
