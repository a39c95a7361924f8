"""Named pipes: one reader who owns the file, one writer who finds it (security.md C3)."""

import fcntl
import os
import stat
from pathlib import Path

from angzarr import is_log_name
from angzarr_bus import BusUnavailableError

SUFFIX = ".pipe"


def pipe_path(directory: Path, domain: str, subscriber: str) -> Path:
    """Return where the pipe of a subscriber lies.

    Raises:
        BusUnavailableError: a name would be more than a name in a path.
    """
    if not (is_log_name(domain) and is_log_name(subscriber)):
        raise BusUnavailableError(f"{domain!r} of {subscriber!r}", "it is no name")
    return directory / f"{domain}.{subscriber}{SUFFIX}"


def create_pipe(path: Path) -> int:
    """Create the pipe if need be and return a descriptor to read it without ever blocking.

    Raises:
        BusUnavailableError: something else is in its place, or another process reads it.
    """
    try:
        os.mkfifo(path, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise BusUnavailableError(path.name, str(error)) from error
    descriptor = _open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise BusUnavailableError(path.name, "another process reads it") from error
    return descriptor


def open_pipe(path: Path) -> int | None:
    """Return a descriptor to write the pipe, or None while nobody reads it."""
    try:
        return _open(path, os.O_WRONLY)
    except BusUnavailableError:
        return None


def is_same_pipe(descriptor: int, path: Path) -> bool:
    """Say whether the path still names the open pipe."""
    try:
        found = path.lstat()
    except OSError:
        return False
    opened = os.fstat(descriptor)
    return (found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino)


def _open(path: Path, mode: int) -> int:
    try:
        descriptor = os.open(path, mode | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise BusUnavailableError(path.name, str(error)) from error
    found = os.fstat(descriptor)
    private = stat.S_IMODE(found.st_mode) & 0o077 == 0
    if stat.S_ISFIFO(found.st_mode) and found.st_uid == os.geteuid() and private:
        return descriptor
    os.close(descriptor)
    raise BusUnavailableError(path.name, "it is not a private pipe of this user")
