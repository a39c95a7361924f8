"""B41: the drain drops the reply of a command that is committed."""

from typing import Any

from angzarr_defence import _inflight
from angzarr_service import _server


def plant() -> None:
    """End without waiting for what is in flight."""

    async def drain(self: _inflight.InFlight, _seconds: float) -> None:
        self.draining = True

    in_flight: Any = _inflight.InFlight
    in_flight.drain = drain
    _server.STOP_SECONDS = 0
