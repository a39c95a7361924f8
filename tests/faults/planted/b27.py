"""B27: the epoch is checked before the transaction, not inside."""

from dataclasses import replace
from typing import Any

from angzarr_store import Batch, FencedError
from angzarr_store_sqlite import _statements
from angzarr_tables import TableLog, _append


def plant() -> None:
    """Check it when a batch is queued, and let the transaction take it for true."""
    append: Any = TableLog
    operation: Any = _append.Append
    honest, steps = append.append, operation.steps
    update = "UPDATE head SET position = :position, chain = :chain WHERE domain = :domain"
    update += " RETURNING position"
    _statements.STATEMENTS["update_head"] = update

    async def checked(self: Any, batch: Batch) -> Any:
        if (await self.head()).epoch != self._epoch:
            raise FencedError(f"Coordinator of domain {self.domain}", self._epoch)
        return await honest(self, batch)

    def believing(self: Any, *, again: bool) -> Any:
        patched: Any = _append
        lock = patched.lock_head

        def lying(domain: str) -> Any:
            return replace((yield from lock(domain)), epoch=self.epoch)

        patched.lock_head = lying
        try:
            return (yield from steps(self, again=again))
        finally:
            patched.lock_head = lock

    append.append, operation.steps = checked, believing
