"""B29: a port that somebody listens on is used again in silence."""

from typing import Any

from angzarr_service import _server

from .replacing import replace


class Unaware:
    """Nobody ever listens."""

    def __init__(self, **_: object) -> None:
        """Take what channels take."""

    async def connect(self, address: str) -> None:
        """Find nobody."""
        raise ConnectionRefusedError(address)


def plant() -> None:
    """Share ports, and look at nothing before."""
    server: Any = _server
    server._OPTIONS[0] = ("grpc.so_reuseport", 1)
    replace(server, "Channels", Unaware)
