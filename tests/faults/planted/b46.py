"""B46: everybody may connect to a socket."""

from typing import Any

from angzarr_service import _server

from .replacing import replace


def plant() -> None:
    """Leave the socket the mode that files have, and do not look at it."""
    server: Any = _server
    replace(server, "PRIVATE_UMASK", 0o022)
    replace(server, "socket_fault", lambda _path: "")
