"""B13: the reply is given before COMMIT."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from angzarr_ports import Faults
from angzarr_store_sqlite import _writer
from angzarr_store_sqlite._execution import execute
from angzarr_tables import group_steps

from .replacing import replace


def plant() -> None:
    """Commit a group only when the next one begins."""

    def transact(
        connection: sqlite3.Connection,
        group: Sequence[Any],
        faults: Faults,
        commit: Callable[[sqlite3.Connection], object],
    ) -> list[Any]:
        del commit  # the bug: the next group does it
        if connection.in_transaction:
            connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        return execute(connection, group_steps(group, faults, again=False))

    replace(_writer, "transact", transact)
