"""What a process prints: kept in a bounded file, its last lines in memory, all of them heard."""

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from angzarr_ports import Worker

KEPT_LINES = 50
CHUNK_BYTES = 65536
FILE_BYTES = 16 * 1024 * 1024


class Output:
    """The log file of one process; a full file becomes the one old file.

    `hear` gets every line as it comes.
    """

    def __init__(self, path: Path, worker: Worker, hear: Callable[[str], None]) -> None:
        self._path = path
        self._worker = worker
        self._hear = hear
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._rest = b""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the last lines."""
        return tuple(self._lines)

    async def pump(self, stream: asyncio.StreamReader) -> None:
        """Keep what comes until the process closes its output; a full disk drops it."""
        while chunk := await stream.read(CHUNK_BYTES):
            *complete, self._rest = (self._rest + chunk).split(b"\n")
            self._rest = self._rest[-CHUNK_BYTES:]
            for line in complete:
                text = line.decode(errors="replace")
                self._lines.append(text)
                self._hear(text)
            await self._worker.call(lambda chunk=chunk: self._append(chunk))  # type: ignore[misc]  # a bound default

    def _append(self, chunk: bytes) -> None:
        try:
            if self._path.exists() and self._path.stat().st_size > FILE_BYTES:
                self._path.replace(self._path.with_suffix(".log.1"))
            with self._path.open("ab") as file:
                file.write(chunk)
        except OSError:
            return
