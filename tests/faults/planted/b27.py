"""B27: the epoch is checked before the transaction, not inside."""

from dataclasses import replace
from typing import Any

from angzarr_store import Batch, FencedError
from angzarr_store_sqlite import _log, _operations, _statements


def plant() -> None:
    """Check it when a batch is queued, and let the transaction take it for true."""
    append: Any = _log.SqliteLog
    operation: Any = _operations.Append
    honest, execute = append.append, operation.execute
    update = "UPDATE head SET position = :position, chain = :chain WHERE domain = :domain"
    _statements.STATEMENTS["update_head"] = update

    async def checked(self: Any, batch: Batch) -> Any:
        if (await self.head()).epoch != self._epoch:
            raise FencedError(f"Coordinator of domain {self.domain}", self._epoch)
        return await honest(self, batch)

    def believing(self: Any, connection: Any) -> Any:
        read: Any = _operations.read_head
        _operations.read_head = lambda *which: replace(read(*which), epoch=self.epoch)
        try:
            return execute(self, connection)
        finally:
            _operations.read_head = read

    append.append, operation.execute = checked, believing
