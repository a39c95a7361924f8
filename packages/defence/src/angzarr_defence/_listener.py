"""Where a process may listen while nothing but the machine's user is known (security.md C1)."""

import os
import stat
from pathlib import Path

LOCAL_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
OTHERS_MODE = 0o077


def is_unix(address: str) -> bool:
    """Say whether the address is that of a Unix socket: unix:PATH."""
    return address.startswith("unix:")


def socket_path(address: str) -> Path:
    """Return the path of a Unix socket's address."""
    return Path(address.removeprefix("unix:"))


def is_local(address: str) -> bool:
    """Say whether unix:PATH or HOST:PORT can be reached from this machine only."""
    return is_unix(address) or address.rpartition(":")[0] in LOCAL_HOSTS


def socket_fault(path: Path) -> str:
    """Return what lets others than this user connect to a socket, "" for nothing."""
    found = path.lstat()
    if not stat.S_ISSOCK(found.st_mode):
        return "no socket"
    if found.st_uid != os.geteuid():
        return f"owned by user {found.st_uid}"
    if found.st_mode & OTHERS_MODE:
        return f"of mode {found.st_mode & 0o777:o}"
    return ""
