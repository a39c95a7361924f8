"""What keeps the bus from working, logged when it begins and not again while it lasts."""

import logging

_LOG = logging.getLogger("angzarr.bus")


class Complaint:
    """One kind of trouble; `event` is the constant of the module that has it."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._why = ""

    def raise_once(self, why: str, **extra: str) -> None:
        """Log `why` unless it was the last that was logged."""
        if why != self._why:
            self._why = why
            _LOG.warning(self._event, extra={**extra, "reason": why})

    def withdraw(self) -> None:
        """Note that it is over: the next one is logged whatever it is."""
        self._why = ""
