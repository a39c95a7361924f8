"""A bounded queue of frames that says when it was behind."""

import asyncio

from typing_extensions import override

from angzarr_bus import Frame, FrameQueue, Inbox


class ChannelInbox(Inbox):
    """Frames of one domain for one subscriber."""

    def __init__(self, limit_frames: int) -> None:
        self._queue = FrameQueue(limit_frames)
        self._wake = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """Queue a frame."""
        self._queue.offer(frame)
        self._wake.set()

    @override
    async def receive(self) -> Frame | None:
        while self._queue.is_empty:
            self._wake.clear()
            await self._wake.wait()
        return self._queue.take()

    @override
    async def aclose(self) -> None:
        self._queue.clear()
