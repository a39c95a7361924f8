"""Named points at which a process may end: nothing happens there but in tests."""

from abc import ABC, abstractmethod

from typing_extensions import override


class Faults(ABC):
    """Is told how far the work has come.

    Rule: reliability.md §5 names the points; whoever kills at one of them is not in production.
    """

    @abstractmethod
    def at(self, point: str) -> None:
        """Pass `point`, or never return from it; called on any thread, also between statements."""


class NoFaults(Faults):
    """Passes every point."""

    @override
    def at(self, point: str) -> None:
        return
