"""Whether a directory is this user's alone (security.md C2)."""

import os
import stat
from pathlib import Path

PRIVATE = 0o700


def directory_fault(path: Path) -> str:
    """Return why a directory is not this user's alone, "" if it is."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return f"{path} is not a directory of this user"
    mode = stat.S_IMODE(found.st_mode)
    return "" if mode == PRIVATE else f"{path} is of mode {mode:o}, not {PRIVATE:o}"


def parent_fault(path: Path) -> str:
    """Return why somebody else could replace what lies in a directory, "" if nobody can."""
    found = path.stat()
    if found.st_uid not in {0, os.geteuid()}:
        return f"{path} belongs to user {found.st_uid}"
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        return f"everybody may write to {path}"
    return ""
