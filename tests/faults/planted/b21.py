"""B21: a timeout is reported as a failure."""

from typing import Any

import angzarr_service

DEADLINE_EXCEEDED = 4


def plant() -> None:
    """Take a call that was late for one that did nothing."""
    error: Any = angzarr_service.CallError
    honest = error.is_unknown.fget

    def is_unknown(self: angzarr_service.CallError) -> bool:
        return self.status.code != DEADLINE_EXCEEDED and bool(honest(self))

    error.is_unknown = property(is_unknown)
