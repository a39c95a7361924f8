"""B32: a length is trusted before its bound."""

from angzarr_bus_ipc import _record


def plant() -> None:
    """Wait for however much a record claims to be."""
    _record.LIMIT_BYTES = 1 << 40
