"""B25: what the bus brings is trusted to be everything."""

from angzarr_delivery import _reader


def plant() -> None:
    """Take a frame behind a gap as the next one."""
    _reader.Reader._needs_feed = lambda _self, _frame: False  # type: ignore[method-assign]  # noqa: SLF001 - the bug
