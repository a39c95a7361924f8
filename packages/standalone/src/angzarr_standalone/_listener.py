"""Where a gateway may listen, and who does."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from angzarr_defence import is_local
from angzarr_settings import SettingsError
from angzarr_standalone._errors import PortTakenError

PROC = Path("/proc")
LISTENING = "0A"
NAME_COLUMN, STATE_COLUMN, INODE_COLUMN = 1, 3, 9


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
            pid = _listener(int(port))
            raise PortTakenError(int(port), pid, _program(pid)) from error


def _listener(port: int) -> int:
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for descriptor in PROC.glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(descriptor.readlink()) in wanted:
                return int(descriptor.parts[2])
    return 0


def _inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                named = columns[NAME_COLUMN].endswith(f":{port:04X}")
                if named and columns[STATE_COLUMN] == LISTENING:
                    yield columns[INODE_COLUMN]


def _program(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8").strip()
    return ""
