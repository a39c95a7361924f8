"""B38: attempts are counted in memory only."""

from typing import Any

from angzarr_delivery import _letters

from .replacing import replace


def plant() -> None:
    """Do not store a failed attempt."""
    letters: Any = _letters.Letters

    async def retry(self: Any, event: Any, _failure: Any) -> None:
        self._attempts[event.position] = self.attempts(event) + 1

    replace(letters, "retry", retry)
