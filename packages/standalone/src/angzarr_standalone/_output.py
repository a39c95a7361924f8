"""What a process prints: kept in a bounded file, its last lines in memory, all of them heard."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from angzarr_ports import Worker

KEPT_LINES = 50
CHUNK_BYTES = 65536
FILE_BYTES = 16 * 1024 * 1024
GATHER_BYTES = 1024 * 1024
GATHER_SECONDS = 0.1


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
            gathered = bytearray(chunk)
            self._take(chunk)
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._gather(stream, gathered)
            await self._worker.call(partial(self._append, bytes(gathered)))

    async def _gather(self, stream: asyncio.StreamReader, gathered: bytearray) -> None:
        """Take what else comes within a moment, so that a busy process costs few writes."""
        while len(gathered) < GATHER_BYTES and (chunk := await stream.read(CHUNK_BYTES)):
            gathered += chunk
            self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        *complete, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[-CHUNK_BYTES:]
        for line in complete:
            text = line.decode(errors="replace")
            self._lines.append(text)
            self._hear(text)

    def _append(self, data: bytes) -> None:
        try:
            if self._path.exists() and self._path.stat().st_size > FILE_BYTES:
                self._path.replace(self._path.with_suffix(".log.1"))
            with self._path.open("ab") as file:
                file.write(data)
        except OSError:
            return
