"""The reading end: frames of one domain, as they come out of the pipe."""

import asyncio
import os
from pathlib import Path

from typing_extensions import override

from angzarr_bus import BusUnavailableError, Frame, FrameQueue, Inbox
from angzarr_bus_ipc._pipe import create_pipe, is_same_pipe
from angzarr_bus_ipc._record import RecordReader
from angzarr_ports import System, Worker

READ_BYTES = 65536
WATCH_SECONDS = 0.5


class IpcInbox(Inbox):
    """Reads a pipe as soon as it has data; makes a new one when the old one was deleted."""

    def __init__(self, path: Path, limit_frames: int, system: System, worker: Worker) -> None:
        self._path = path
        self._clock = system.clock
        self._worker = worker
        self._queue = FrameQueue(limit_frames)
        self._wake = asyncio.Event()
        self._descriptor = -1
        self._reader = RecordReader()
        self._tasks = system.tasks

    async def open(self) -> "IpcInbox":
        """Create the pipe and start to read.

        Raises:
            BusUnavailableError: something else is in its place, or another process reads it.
        """
        self._attach(await self._worker.call(lambda: create_pipe(self._path)))
        self._watch = self._tasks.start(f"pipe {self._path.name}", self._watch_path())
        return self

    @override
    async def receive(self) -> Frame | None:
        while self._queue.is_empty:
            self._wake.clear()
            await self._wake.wait()
        return self._queue.take()

    @override
    async def aclose(self) -> None:
        if self._descriptor < 0:
            return
        self._watch.cancel()
        self._detach()
        await self._worker.call(lambda: self._path.unlink(missing_ok=True))

    def _attach(self, descriptor: int) -> None:
        self._reader = RecordReader()
        self._descriptor = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _detach(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        for frame in self._reader.feed(data):
            self._queue.offer(frame)
        self._wake.set()

    async def _watch_path(self) -> None:
        while True:
            await self._clock.sleep(WATCH_SECONDS)
            try:
                fresh = await self._worker.call(self._replacement)
            except BusUnavailableError:
                continue
            if fresh is not None:
                self._detach()
                self._attach(fresh)
                self._queue.offer(None)
                self._wake.set()

    def _replacement(self) -> int | None:
        if is_same_pipe(self._descriptor, self._path):
            return None
        return create_pipe(self._path)
