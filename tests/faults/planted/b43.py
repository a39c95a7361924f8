"""B43: a stale socket blocks the start."""

from pathlib import Path

from angzarr_service import _server
from angzarr_store import RefusedError


def plant() -> None:
    """Take a socket file for somebody who listens."""
    bind = _server.Server._bind  # noqa: SLF001 - the bug

    def careful(self: _server.Server, address: str) -> str:
        if Path(address.removeprefix("unix:")).exists():
            raise RefusedError("listen", address, "remove it")
        return bind(self, address)

    _server.Server._bind = careful  # type: ignore[method-assign]  # noqa: SLF001 - the bug
