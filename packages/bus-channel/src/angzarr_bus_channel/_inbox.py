"""A bounded queue of frames that says when it was behind."""

import asyncio
from collections import deque

from typing_extensions import override

from angzarr_bus import Frame, Inbox


class ChannelInbox(Inbox):
    """Frames of one domain for one subscriber."""

    def __init__(self, limit_frames: int) -> None:
        self._limit_frames = limit_frames
        self._frames: deque[Frame] = deque()
        self._behind = False
        self._wake = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """Queue a frame; when full, drop everything and be behind."""
        if len(self._frames) >= self._limit_frames:
            self._frames.clear()
            self._behind = True
        elif not self._behind:
            self._frames.append(frame)
        self._wake.set()

    @override
    async def receive(self) -> Frame | None:
        while not self._frames and not self._behind:
            self._wake.clear()
            await self._wake.wait()
        if self._behind:
            self._behind = False
            return None
        return self._frames.popleft()

    @override
    async def aclose(self) -> None:
        self._frames.clear()
