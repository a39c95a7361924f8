"""Where a gateway may listen, and who does."""

import socket
from contextlib import suppress
from pathlib import Path

from angzarr_defence import is_local, listener_of
from angzarr_settings import SettingsError
from angzarr_standalone._errors import PortTakenError

PROC = Path("/proc")


def check_listener(key: str, address: str) -> None:
    """Refuse HOST:PORT that other machines reach or somebody listens on; unix:PATH is free.

    Raises:
        SettingsError: the host is not this machine alone.
        PortTakenError: it names the process, where it can be seen.
    """
    host, _, port = address.rpartition(":")
    if not is_local(address):
        what, fix = f"{key} is {address!r}", f"Make it 127.0.0.1:{port}: there is no TLS."
        raise SettingsError(what, key, fix)
    if address.startswith("unix:"):
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            pid = listener_of(int(port))
            raise PortTakenError(int(port), pid, _program(pid)) from error


def _program(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8").strip()
    return ""
