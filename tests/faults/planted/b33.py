"""B33: no resync after a bad frame."""

from typing import Any

from angzarr_bus_ipc import _record


def plant() -> None:
    """Drop what was gathered with a record that is bad."""
    reader: Any = _record.RecordReader
    honest = reader._frame

    def frame(self: Any, end: int, checksum: int) -> Any:
        found = honest(self, end, checksum)
        if found is None:
            del self._buffer[1:]
        return found

    reader._frame = frame
