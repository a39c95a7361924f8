"""B25: what the bus brings is trusted to be everything."""

from typing import Any

from angzarr_delivery import _reader


def plant() -> None:
    """Take a frame behind a gap as the next one."""
    reader: Any = _reader.Reader
    reader._needs_feed = lambda _self, _frame: False
