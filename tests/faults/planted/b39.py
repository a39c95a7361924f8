"""B39: the inbox of a subscriber has no bound."""

from typing import Any

from angzarr_bus import _queue


def plant() -> None:
    """Keep every frame for whoever comes to take it."""
    queue: Any = _queue.FrameQueue
    honest = queue.__init__

    def endless(self: _queue.FrameQueue, _limit_frames: int) -> None:
        honest(self, 2**62)

    queue.__init__ = endless
