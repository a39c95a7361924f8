"""B10: a snapshot says that it covers one event more than it does."""

from dataclasses import replace
from typing import Any

from angzarr_store_sqlite import _log


def plant() -> None:
    """Keep the number of the next event, not of the last."""
    log: Any = _log.SqliteLog
    honest = log.save_snapshot

    async def save_snapshot(self: Any, snapshot: Any) -> None:
        await honest(self, replace(snapshot, sequence=snapshot.sequence + 1))

    log.save_snapshot = save_snapshot
