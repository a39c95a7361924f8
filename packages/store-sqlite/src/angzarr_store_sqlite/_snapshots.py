"""What the writer thread executes for snapshots."""

import sqlite3
from dataclasses import dataclass

from angzarr_rows import key_values
from angzarr_store import RootKey, Snapshot
from angzarr_store_sqlite._statements import STATEMENTS


@dataclass(frozen=True, slots=True)
class SaveSnapshot:
    """A snapshot that somebody offers."""

    domain: str
    snapshot: Snapshot

    def execute(self, connection: sqlite3.Connection) -> None:
        """Keep it with the chain of its last event, unless a later one is kept."""
        it = self.snapshot
        values = {"domain": self.domain, "sequence": it.sequence, "state": it.state}
        connection.execute(STATEMENTS["insert_snapshot"], {**values, **key_values(it.key)})


@dataclass(frozen=True, slots=True)
class DropSnapshot:
    """A snapshot that is wrong."""

    domain: str
    key: RootKey

    def execute(self, connection: sqlite3.Connection) -> None:
        """Forget it."""
        values = {"domain": self.domain, **key_values(self.key)}
        connection.execute(STATEMENTS["delete_snapshot"], values)
