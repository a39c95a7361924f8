"""B39: the inbox of a subscriber has no bound."""

from typing import Any

from angzarr_bus import Frame, FrameQueue

from .replacing import replace


def plant() -> None:
    """Keep every frame for whoever comes to take it."""

    def offer(self: Any, frame: Frame | None) -> None:
        if frame is None:
            self._behind = True
        else:
            self._frames.append(frame)

    queue: Any = FrameQueue
    replace(queue, "offer", offer)
