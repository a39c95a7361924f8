"""Space on the disk: some is kept back, and a full disk is asked again (reliability.md §2.3)."""

import os
import shutil
from pathlib import Path

from angzarr_store import RefusedError

RESERVE_BYTES = 64 * 1024 * 1024
ROOM_BYTES = 8 * 1024 * 1024
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Space:
    """The disk of one database, and the reserve that lets its log move home on a full one.

    The reserve is as large as the write-ahead log gets; without bytes there is none.
    """

    def __init__(self, database: Path, reserve_bytes: int) -> None:
        self._directory = database.parent
        self._reserve = database.with_name(f"{database.name}-reserve")
        if reserve_bytes:
            self._take(reserve_bytes)

    def has_room(self) -> bool:
        """Say whether the largest group fits, into the log and into the database."""
        return shutil.disk_usage(self._directory).free >= ROOM_BYTES

    def release(self) -> None:
        """Give the reserve to whoever closes the database; the next start takes it again."""
        self._reserve.unlink(missing_ok=True)

    def _take(self, size: int) -> None:
        try:
            descriptor = os.open(self._reserve, _FLAGS, 0o600)
            try:
                os.fchmod(descriptor, 0o600)
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            fix = f"make it a file of yours, and room for {size} bytes"
            raise RefusedError(self._reserve.name, str(error.strerror), fix) from error
