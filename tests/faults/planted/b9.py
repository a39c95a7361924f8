"""B9: a page of the feed begins with what was read before."""

from typing import Any

from angzarr_tables import TableLog


def plant() -> None:
    """Read from a position on, not behind it."""
    log: Any = TableLog
    honest = log._feed

    async def feed(self: Any, after: int, limit: int) -> Any:
        return await honest(self, max(after - 1, 0), limit)

    log._feed = feed
