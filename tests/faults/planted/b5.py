"""B5: a command id is not looked up before it is stored."""

from dataclasses import replace
from typing import Any

from angzarr_store_sqlite import _statements
from angzarr_tables import _append


def plant() -> None:
    """Forget the commands of the log."""
    operations: Any = _append
    honest = operations.decide
    operations.decide = lambda domain, group, known: honest(
        domain, group, replace(known, commands={})
    )
    insert = _statements.STATEMENTS["insert_command"]
    _statements.STATEMENTS["insert_command"] = insert.replace(
        "INSERT INTO", "INSERT OR IGNORE INTO"
    )
