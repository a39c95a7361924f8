"""B12: synchronous=NORMAL; a commit is told before it is synced."""

from angzarr_store_sqlite import _connection


def plant() -> None:
    """Relax the pragma."""
    for pragmas in (_connection.COMMON_PRAGMAS, _connection._WRITER_PRAGMAS):
        pragmas["synchronous"] = 1
