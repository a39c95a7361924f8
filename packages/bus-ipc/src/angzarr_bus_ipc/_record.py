"""A frame as it lies in a pipe: marker, length, checksum, payload; atomic up to PIPE_BUF."""

import select
import struct

import google_crc32c

from angzarr_bus import Frame, FrameError

MARKER = b"\xa5AZ\x01"
LIMIT_BYTES = select.PIPE_BUF

_HEAD = struct.Struct(">4sII")


def encode_record(frame: Frame) -> bytes:
    """Return the record of a frame; one that would not be atomic becomes a reference."""
    payload = frame.encode()
    if len(payload) + _HEAD.size > LIMIT_BYTES:
        payload = frame.as_reference().encode()
    return _HEAD.pack(MARKER, len(payload), google_crc32c.value(payload)) + payload


class RecordReader:
    """Turns the bytes of a pipe into frames; skips to the next marker after a broken one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame | None]:
        """Return the frames that are complete now; None stands for bytes that were lost."""
        self._buffer += data
        found: list[Frame | None] = []
        while self._align(found) and len(self._buffer) >= _HEAD.size:
            _, length, checksum = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if end <= LIMIT_BYTES and len(self._buffer) < end:
                break
            frame = self._frame(end, checksum)
            del self._buffer[: end if frame else 1]
            found.append(frame)
        return found

    def _align(self, found: list[Frame | None]) -> bool:
        at = self._buffer.find(MARKER)
        skipped = at if at >= 0 else max(0, len(self._buffer) - len(MARKER) + 1)
        if skipped:
            del self._buffer[:skipped]
            if found[-1:] != [None]:
                found.append(None)
        return at >= 0

    def _frame(self, end: int, checksum: int) -> Frame | None:
        if end > LIMIT_BYTES:
            return None
        payload = bytes(self._buffer[_HEAD.size : end])
        if google_crc32c.value(payload) != checksum:
            return None
        try:
            return Frame.decode(payload)
        except FrameError:
            return None
