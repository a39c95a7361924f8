"""B17: a commit whose sync failed is tried again."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from angzarr_ports import Faults
from angzarr_store_sqlite import _writer


def plant() -> None:
    """Answer as if the second try told anything."""
    honest = _writer.transact

    def transact(
        connection: sqlite3.Connection,
        group: Sequence[Any],
        faults: Faults,
        commit: Callable[[sqlite3.Connection], object],
    ) -> list[Any]:
        try:
            return honest(connection, group, faults, commit)
        except sqlite3.OperationalError as error:
            if "FSYNC" not in getattr(error, "sqlite_errorname", ""):
                raise
            return honest(connection, group, faults, commit)

    _writer.transact = transact
