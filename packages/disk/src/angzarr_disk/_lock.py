"""The lock beside a database (reliability.md §2.6)."""

import fcntl
import os
from pathlib import Path

from angzarr_store import RefusedError


class DatabaseLock:
    """The lock file beside a database; held, it makes the process the only writer.

    Raises:
        RefusedError: another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise RefusedError("lock", str(path), "another process owns this database") from error

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._descriptor)
