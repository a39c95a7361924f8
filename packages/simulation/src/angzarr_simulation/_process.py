"""What would be a process: the work that stops at once when it is killed."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class KilledError(BaseException):
    """The process ended here; nothing of it runs any more."""


class Process:
    """One life of a component; everything that is begun within `context` belongs to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.runs = True
        self.is_alive = True
        self.held: list[Any] = []
        self.skew_seconds = 0.0
        self._mourners: list[Callable[[], None]] = []
        self.context = contextvars.copy_context()
        self.context.run(PROCESS.set, self)

    def when_killed(self, mourner: Callable[[], None]) -> None:
        """Call `mourner` once, at the instant of the end."""
        self._mourners.append(mourner)

    def kill(self) -> None:
        """End it: no line of it runs again, no block is left in order."""
        if self.is_alive:
            self.is_alive = self.runs = False
            self.held.clear()
            for mourner in self._mourners:
                contextvars.Context().run(mourner)

    def freeze(self) -> None:
        """Stop it as SIGSTOP does."""
        self.runs = False

    def hold(self, handle: Any) -> None:  # noqa: ANN401 - a handle of the loop
        """Keep what has become ready until it goes on, if it ever does."""
        if self.is_alive:
            self.held.append(handle)

    def thaw(self) -> list[Any]:
        """Let it go on; return the handles that have become ready meanwhile."""
        self.runs = self.is_alive
        held, self.held = self.held, []
        return held


PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
