"""B43: a stale socket blocks the start."""

from pathlib import Path
from typing import Any

from angzarr_service import _server
from angzarr_store import RefusedError

from .replacing import replace


def plant() -> None:
    """Take a socket file for somebody who listens."""
    server: Any = _server.Server
    bind = server._bind

    def careful(self: _server.Server, address: str) -> Any:
        if Path(address.removeprefix("unix:")).exists():
            raise RefusedError("listen", address, "remove it")
        return bind(self, address)

    replace(server, "_bind", careful)
