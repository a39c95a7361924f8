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
        self._unkillable = 0
        self._is_doomed = False
        self._mourners: list[Callable[[], None]] = []
        self.context = contextvars.copy_context()
        self.context.run(PROCESS.set, self)

    def when_killed(self, mourner: Callable[[], None]) -> None:
        """Call `mourner` once, at the instant of the end."""
        self._mourners.append(mourner)

    def kill(self) -> None:
        """End it: no line of it runs again, no block is left in order."""
        if self._unkillable:
            self._is_doomed = True
        elif self.is_alive:
            self.is_alive = self.runs = False
            self.held.clear()
            for mourner in self._mourners:
                contextvars.Context().run(mourner)

    def freeze(self) -> None:
        """Stop it as SIGSTOP does."""
        self.runs = False

    def thaw(self) -> list[Any]:
        """Let it go on; return the handles that have become ready meanwhile."""
        self.runs = self.is_alive
        held, self.held = self.held, []
        return held

    def __enter__(self) -> None:
        """Begin a section in which a kill waits, for an effect and its record."""
        self._unkillable += 1

    def __exit__(self, *_: object) -> None:
        """End the section."""
        self._unkillable -= 1
        if self._is_doomed and not self._unkillable:
            self.kill()


PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
