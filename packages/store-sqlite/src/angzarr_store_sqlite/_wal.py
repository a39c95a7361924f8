"""The write-ahead log, and when it moves into the database (reliability.md §7.1)."""

import sqlite3
from pathlib import Path

CHECKPOINT_BYTES = 16 * 1024 * 1024
RESTART_BYTES = 64 * 1024 * 1024
PATIENCE_MS = 2000


class Wal:
    """The write-ahead log of the writing connection; used on its thread only."""

    def __init__(self, connection: sqlite3.Connection, database: Path) -> None:
        self._connection = connection
        self._file = database.with_name(f"{database.name}-wal")
        self._due_bytes = CHECKPOINT_BYTES

    def tidy(self) -> int:
        """Move a long log into the database and start it anew; return how long it was in bytes.

        Readers are waited for only when it is very long; until then a busy log grows by as much
        again before the next try.
        """
        size = self._file.stat().st_size if self._file.exists() else 0
        if size < self._due_bytes:
            return size
        done = self._checkpoint(PATIENCE_MS if size >= RESTART_BYTES else 0)
        self._due_bytes = CHECKPOINT_BYTES if done else size + CHECKPOINT_BYTES
        return size

    def _checkpoint(self, patience_ms: int) -> bool:
        self._connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        return not busy
