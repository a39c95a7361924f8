"""Opening the database: settings read back, integrity (reliability.md §7.1)."""

import sqlite3
from pathlib import Path

from angzarr_disk import check_file, check_place
from angzarr_store import RefusedError, StoreUnavailableError
from angzarr_store_sqlite._execution import execute
from angzarr_store_sqlite._statements import GUARDS, LAYOUT, STATEMENTS, TABLES
from angzarr_tables import VerifyTails, check_layout

OLDEST_LIBRARY = (3, 37)

COMMON_PRAGMAS = {
    "synchronous": 2,
    "mmap_size": 0,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "foreign_keys": 1,
    "busy_timeout": 2000,
}
_WRITER_PRAGMAS = {
    **COMMON_PRAGMAS,
    "recursive_triggers": 1,
    "wal_autocheckpoint": 0,
    "journal_size_limit": 64 * 1024 * 1024,
}
DEFENSIVE = 1010
WHOLE_LETTERS, TIMERS, EDITIONS = 2, 3, 4


def open_writer(path: Path, *, volatile: bool) -> sqlite3.Connection:
    """Return the only writing connection, after every check.

    Raises:
        RefusedError: a check failed; it names the setting, its value and the fix.
        StoreUnavailableError: the file cannot be opened.
        DamagedError: the log's tail does not verify.
    """
    if sqlite3.sqlite_version_info < OLDEST_LIBRARY:
        raise RefusedError("sqlite", sqlite3.sqlite_version, "use 3.37 or newer")
    check_place(path.parent, volatile=volatile)
    try:
        connection = _connect(path)
        _check_integrity(connection)
        _make_tables(connection)
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{path.name} cannot be opened: {error}") from error
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make what is missing; bring the tables of older layouts up to this one.

    The letters of layout 1 get the columns they lack; timers are written from layout 3 on, editions
    from layout 4 on.
    """
    exists = connection.execute(STATEMENTS["select_tables"]).fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0] if exists else LAYOUT
    connection.execute("BEGIN IMMEDIATE")
    if layout < WHOLE_LETTERS:
        connection.execute(STATEMENTS["rename_letters"])
    if layout < TIMERS:
        connection.execute(STATEMENTS["drop_timers"])
    if layout < EDITIONS:
        connection.execute(STATEMENTS["drop_editions"])
    for statement in (*TABLES, *GUARDS):
        connection.execute(statement)
    if layout < WHOLE_LETTERS:
        connection.execute(STATEMENTS["insert_letters_of_layout_1"])
        connection.execute(STATEMENTS["drop_letters_1"])
    connection.execute(STATEMENTS["update_layout"], {"layout": LAYOUT})
    connection.execute(f"PRAGMA user_version = {LAYOUT}")
    connection.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    check_file(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    getattr(connection, "setconfig", lambda *_: None)(DEFENSIVE, 1)  # from Python 3.12 on
    mode = connection.execute("PRAGMA journal_mode = wal").fetchone()[0]
    if mode != "wal":
        raise RefusedError("journal_mode", str(mode), "put the store on a local file system")
    for name, value in _WRITER_PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        check_pragma(name, value, connection.execute(f"PRAGMA {name}").fetchone()[0])
    return connection


def check_pragma(name: str, wanted: int, found: object) -> None:
    """Refuse a setting of the database that was not taken over.

    Raises:
        RefusedError: the database has another value.
    """
    if found != wanted:
        raise RefusedError(name, str(found), f"this SQLite does not accept {wanted}")


def _check_integrity(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise RefusedError("quick_check", str(found), "restore a backup")
    check_layout(connection.execute("PRAGMA user_version").fetchone()[0], LAYOUT)
    if connection.execute(STATEMENTS["select_tables"]).fetchone()[0]:
        execute(connection, VerifyTails(LAYOUT).steps(again=False))
