"""The file system and the file of a database (reliability.md §7.1)."""

import logging
import os
import shutil
import stat
from pathlib import Path

from angzarr_store import RefusedError

FREE_BYTES = 128 * 1024 * 1024
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse", "fuseblk"})
OVERLAY = "store.overlay"
OTHERS_MODE = 0o077
FILE_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW

_LOG = logging.getLogger("angzarr.store")


def check_place(directory: Path, *, volatile: bool) -> None:
    """Refuse a file system or disk that cannot keep a promise.

    Raises:
        RefusedError: remote, forgetful without `volatile`, or nearly full.
    """
    kind = _file_system(directory)
    if kind.partition(".")[0] in REMOTE:
        raise RefusedError("store.url", f"on {kind}", "put the store on a local file system")
    if kind == "tmpfs" and not volatile:
        raise RefusedError("store.url", "on tmpfs", "use a disk, or set store.durability: volatile")
    if kind == "overlay":
        _LOG.warning(OVERLAY, extra={"reason": f"{directory} is gone with its container"})
    free = shutil.disk_usage(directory).free
    if free < FREE_BYTES:
        raise RefusedError("free space", f"{free} bytes", f"keep at least {FREE_BYTES} bytes free")


def check_file(path: Path) -> None:
    """Create the file if need be; refuse what is no file of this user alone.

    Raises:
        RefusedError: it is none.
    """
    try:
        descriptor = os.open(path, FILE_FLAGS, 0o600)
    except OSError as error:
        raise RefusedError(path.name, str(error.strerror), "make it a file of yours") from error
    found = os.fstat(descriptor)
    os.close(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError(path.name, "no regular file", "move it away")
    if found.st_mode & OTHERS_MODE or found.st_uid != os.geteuid():
        mode = f"{found.st_mode & 0o777:o} of user {found.st_uid}"
        raise RefusedError(path.name, mode, "make it yours alone: chmod 600")


def _file_system(directory: Path) -> str:
    best, kind = "", ""
    real = str(directory.resolve())
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, point, name, *_ = line.split()
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind
