"""B18: ROLLBACK without a look whether SQLite has already rolled back."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from angzarr_ports import Faults
from angzarr_store_sqlite import _writer
from angzarr_store_sqlite._execution import execute
from angzarr_tables import group_steps


def plant() -> None:
    """Always roll back."""

    def transact(
        connection: sqlite3.Connection,
        group: Sequence[Any],
        faults: Faults,
        commit: Callable[[sqlite3.Connection], object],
    ) -> list[Any]:
        try:
            connection.execute("BEGIN IMMEDIATE")
            answers = execute(connection, group_steps(group, faults, again=False))
            commit(connection)
        except sqlite3.Error:
            connection.execute("ROLLBACK")
            raise
        return answers

    _writer.transact = transact
