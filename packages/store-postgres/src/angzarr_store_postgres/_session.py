"""Opening connections: every setting read back (reliability.md §7.2), the rights looked at."""

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from angzarr_store import RefusedError
from angzarr_store_postgres._errors import DRIVER, translating
from angzarr_store_postgres._place import Place
from angzarr_store_postgres._statements import LAYOUT, STATEMENTS
from angzarr_tables import check_layout

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
STATEMENT_MS, LOCK_MS, IDLE_MS = 10_000, 2_000, 10_000
COMMAND_SECONDS = STATEMENT_MS / 1000 + 2
OLDEST_VERSION = 140_000
CHECKSUMS = "store.checksums"
MIGRATE = "run `angzarr store migrate`"
SERVER = "change it in the configuration of the server"

_LOG = logging.getLogger("angzarr.store")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values that a setting may have, and what to do about another."""

    values: tuple[str, ...]
    fix: str


SETTINGS = {
    "fsync": Wanted(("on",), SERVER),
    "full_page_writes": Wanted(("on",), SERVER),
    "synchronous_commit": Wanted(("on", "remote_apply"), "let sessions set it"),
    "data_sync_retry": Wanted(("off",), SERVER),
    "zero_damaged_pages": Wanted(("off",), SERVER),
    "ignore_checksum_failure": Wanted(("off",), SERVER),
    "default_transaction_isolation": Wanted(("read committed",), "reset it for this role"),
    "session_replication_role": Wanted(("origin",), "reset it for this role"),
    "statement_timeout": Wanted((str(STATEMENT_MS),), "let sessions set it"),
    "lock_timeout": Wanted((str(LOCK_MS),), "let sessions set it"),
    "idle_in_transaction_session_timeout": Wanted((str(IDLE_MS),), "let sessions set it"),
    "server_encoding": Wanted(("UTF8",), "make the database anew with this encoding"),
}
WRITABLE = {
    "pg_is_in_recovery": Wanted(("false",), "connect to the primary"),
    "transaction_read_only": Wanted(("off",), "connect to the primary"),
}


async def connect(place: Place, *, read_only: bool = False) -> Connection:
    """Return a connection whose sessions settings hold; nothing is checked yet.

    Raises:
        StoreUnavailableError: not now.
    """
    session = {
        "application_name": f"angzarr {place.schema}",
        "search_path": f'"{place.schema}", pg_temp',
        "statement_timeout": str(STATEMENT_MS),
        "lock_timeout": str(LOCK_MS),
        "idle_in_transaction_session_timeout": str(IDLE_MS),
    }
    if read_only:
        session["default_transaction_read_only"] = "on"
    with translating():
        return await asyncpg.connect(
            host=place.host,
            port=place.port,
            user=place.user,
            password=place.password,
            database=place.database,
            ssl=place.tls or False,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=session,
        )


async def opened(place: Place) -> Connection:
    """Return a connection that may write, after every check.

    Raises:
        RefusedError: a check failed; it names the setting, its value and the fix.
        StoreUnavailableError: not now.
    """
    connection = await connect(place)
    with ExitStack() as undo, translating():
        undo.callback(connection.terminate)
        await _check_session(connection)
        await check_tables(connection, place)
        await _check_rights(connection, place)
        undo.pop_all()
    return connection


async def check_tables(connection: Connection, place: Place) -> None:
    """Refuse a schema that is not there, or of another layout than this code's.

    Raises:
        RefusedError: it is.
    """
    if not await connection.fetchval(STATEMENTS["select_schema"].text):
        raise RefusedError(f"schema {place.schema}", "not there", MIGRATE)
    layout = await connection.fetchval(STATEMENTS["select_layout"].text)
    check_layout(layout, LAYOUT)
    if layout < LAYOUT:
        raise RefusedError("layout", str(layout), MIGRATE)


def check_settings(before: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Refuse a server or session that could lose what was acknowledged; `before` is another look.

    Raises:
        RefusedError: a setting has another value than it must have.
    """
    if found["pg_backend_pid"] != before["pg_backend_pid"]:
        raise RefusedError("pooling", "by transaction", "connect directly, or pool by session")
    version = int(found["server_version_num"])
    if version < OLDEST_VERSION:
        raise RefusedError("server_version_num", str(version), f"use {OLDEST_VERSION} or newer")
    for name, wanted in {**SETTINGS, **WRITABLE}.items():
        if found[name] not in wanted.values:
            raise RefusedError(name, found[name], wanted.fix)
    if found["data_checksums"] != "on":
        _LOG.warning(CHECKSUMS, extra={"reason": "data_checksums is off"})


async def let_go(connection: Connection) -> None:
    """Close a connection, also one whose server does not answer."""
    try:
        await connection.close(timeout=CLOSE_SECONDS)
    except DRIVER:
        connection.terminate()


async def _check_session(connection: Connection) -> None:
    before = await _settings(connection)
    if before["synchronous_commit"] not in SETTINGS["synchronous_commit"].values:
        await connection.execute(STATEMENTS["set_synchronous_commit"].text)
    check_settings(before, await _settings(connection))


async def _settings(connection: Connection) -> dict[str, str]:
    names = [*SETTINGS, *WRITABLE, "server_version_num", "data_checksums"]
    rows = await connection.fetch(STATEMENTS["select_settings"].text, names)
    return {row[0]: row[1] for row in rows}


async def _check_rights(connection: Connection, place: Place) -> None:
    for (right,) in await connection.fetch(STATEMENTS["select_rights"].text):
        raise RefusedError(
            f"role {place.user}", right, f"use the login of the component: {MIGRATE}"
        )
