"""The frames that wait for a subscriber (reliability.md U11)."""

from collections import deque

from angzarr_bus._frame import Frame


class FrameQueue:
    """Holds `limit_frames` frames; with one more, or a lost one, all are dropped and it is behind.

    Every inbox has one, so that overflow means the same on every bus.
    """

    def __init__(self, limit_frames: int) -> None:
        self._limit_frames = limit_frames
        self._frames: deque[Frame] = deque()
        self._behind = False

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to take."""
        return not self._frames and not self._behind

    def offer(self, frame: Frame | None) -> None:
        """Queue a frame, None for one that was lost; while behind nothing is queued."""
        if frame is None or len(self._frames) >= self._limit_frames:
            self._frames.clear()
            self._behind = True
        elif not self._behind:
            self._frames.append(frame)

    def take(self) -> Frame | None:
        """Return the oldest frame, None once when it is behind; not to be called when empty."""
        if self._behind:
            self._behind = False
            return None
        return self._frames.popleft()

    def clear(self) -> None:
        """Forget what waits."""
        self._frames.clear()
