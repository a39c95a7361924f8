"""The kernel's socket table: who holds the other end of a connection, who listens."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SOCK_DIAG, SOCK_DIAG_BY_FAMILY = 4, 20
REPLY_BYTES = 4096
ERROR = 2

_HEAD = struct.Struct("=IHHII")
_QUERY = struct.Struct("=BBBBI")
_OWNER = struct.Struct("=II")
_OWNER_AT = _HEAD.size + 4 + 48 + 12
_LOCAL, _REMOTE, _STATE, _UID, _INODE = 1, 2, 3, 7, 9
_LISTENING = "0A"
_PROC = Path("/proc")
_MAPPED = "0000000000000000FFFF0000"


def owner_of(host: str, port: int, server_port: int) -> int | None:
    """Return the user of the socket at `host`:`port` that is connected to `server_port` there.

    None when there is none. A socket that its process has closed is none either: until its last
    bytes are acknowledged the kernel shows it as one of root.
    """
    try:
        return _asked(host, port, server_port)
    except OSError:
        return _read(host, port, server_port)


def is_ours(host: str, port: int, server_port: int) -> bool:
    """Say whether the socket that `owner_of` looks for is this user's, or root's."""
    return owner_of(host, port, server_port) in {0, os.geteuid()}


def listener_of(port: int) -> int:
    """Return a process that listens on a TCP port, 0 if none can be seen."""
    wanted = {f"socket:[{it[_INODE]}]" for it in _sockets() if _listens(it, port)}
    for descriptor in _PROC.glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(descriptor.readlink()) in wanted:
                return int(descriptor.parts[2])
    return 0


def _listens(columns: list[str], port: int) -> bool:
    return columns[_STATE] == _LISTENING and columns[_LOCAL].endswith(f":{port:04X}")


def _asked(host: str, port: int, server_port: int) -> int | None:
    """Ask for the one socket: a few microseconds however many there are."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ip = socket.inet_pton(family, host).ljust(16, b"\0")
    ends = struct.pack("!HH", port, server_port) + ip + ip + bytes(4) + b"\xff" * 8
    query = _QUERY.pack(family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends
    head = _HEAD.pack(_HEAD.size + len(query), SOCK_DIAG_BY_FAMILY, 1, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, SOCK_DIAG) as kernel:
        kernel.sendto(head + query, (0, 0))
        reply = kernel.recv(REPLY_BYTES)
    if _HEAD.unpack_from(reply)[1] == ERROR:
        raise OSError(-struct.unpack_from("=i", reply, _HEAD.size)[0], "no such socket")
    uid, inode = _OWNER.unpack_from(reply, _OWNER_AT)
    return uid if inode else None


def _read(host: str, port: int, server_port: int) -> int | None:
    """Read the whole table: milliseconds, but every Linux has it."""
    ends = [_column(host, port), _column(host, server_port)]
    for columns in _sockets():
        if [columns[_LOCAL], columns[_REMOTE]] == ends:
            return int(columns[_UID]) if columns[_INODE] != "0" else None
    return None


def _sockets() -> Iterator[list[str]]:
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            text = (_PROC / "net" / table).read_text(encoding="ascii")
            for line in text.splitlines()[1:]:
                yield line.replace(_MAPPED, "").split()


def _column(host: str, port: int) -> str:
    """Return an address as it stands in the table: words in the order of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    words = struct.unpack(f"={'I' * (4 if ':' in host else 1)}", socket.inet_pton(family, host))
    return f"{''.join(f'{word:08X}' for word in words)}:{port:04X}"
