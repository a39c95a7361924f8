"""B41: the drain drops the reply of a command that is committed."""

from angzarr_service import _inflight, _server


def plant() -> None:
    """End without waiting for what is in flight."""

    async def drain(self: _inflight.InFlight, _seconds: float) -> None:
        self.draining = True

    _inflight.InFlight.drain = drain  # type: ignore[method-assign]  # the bug
    _server.STOP_SECONDS = 0  # type: ignore[assignment]  # the bug
