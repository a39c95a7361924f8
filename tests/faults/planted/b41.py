"""B41: the drain drops the reply of a command that is committed."""

from typing import Any

from angzarr_defence import _inflight
from angzarr_service import _server

from .replacing import replace


def plant() -> None:
    """End without waiting for what is in flight."""

    async def drain(self: _inflight.InFlight, _seconds: float) -> None:
        self.draining = True

    in_flight: Any = _inflight.InFlight
    replace(in_flight, "drain", drain)
    replace(_server, "STOP_SECONDS", 0)
