"""B29: a port that somebody listens on is used again in silence."""

from angzarr_service import _server


class Unaware:
    """Nobody ever listens."""

    async def connect(self, address: str) -> None:
        """Find nobody."""
        raise ConnectionRefusedError(address)


def plant() -> None:
    """Share ports, and look at nothing before."""
    _server._OPTIONS[0] = ("grpc.so_reuseport", 1)  # noqa: SLF001 - the bug
    _server.Channels = Unaware  # type: ignore[misc,assignment]  # the bug
