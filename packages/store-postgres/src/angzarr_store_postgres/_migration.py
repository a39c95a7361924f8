"""Making a component's schema, or bringing it up to this layout (security.md §6)."""

import asyncpg

from angzarr_store import RefusedError
from angzarr_store_postgres._errors import translating
from angzarr_store_postgres._place import Place, login_of
from angzarr_store_postgres._session import Connection, connect, let_go
from angzarr_store_postgres._statements import GUARDS, LAYOUT, STATEMENTS, TABLES
from angzarr_tables import check_layout


async def migrate(place: Place) -> None:
    """Make what is missing, as a login that may become the owner; twice is once.

    Two at once come one after the other. What a layout changes raises the epoch of every log.

    Raises:
        RefusedError: the layout is newer than this code, or the login may not do it.
        StoreUnavailableError: nothing was changed.
    """
    connection = await connect(place)
    try:
        with translating():
            await connection.execute(STATEMENTS["set_migration_timeouts"].text)
            async with connection.transaction():
                await _migrate(connection, place)
    finally:
        await let_go(connection)


async def _migrate(connection: Connection, place: Place) -> None:
    await connection.execute(STATEMENTS["lock_migration"].text)
    names = {"login": login_of(place.schema), "schema": place.schema}
    await _execute_each(connection, "select_preparations", names)
    await _execute_each(connection, "select_owning", names)
    for name in TABLES:
        await connection.execute(STATEMENTS[name].text)
    await connection.execute(STATEMENTS["insert_layout"].text, LAYOUT)
    layout = await connection.fetchval(STATEMENTS["select_layout"].text)
    check_layout(layout, LAYOUT)
    for name in GUARDS:
        await connection.execute(STATEMENTS[name].text)
    for name in ("update_layout", "update_head_layouts"):
        await connection.execute(STATEMENTS[name].text, LAYOUT)
    await _execute_each(connection, "select_grants", names)


async def _execute_each(connection: Connection, name: str, names: dict[str, str]) -> None:
    """Execute the statements that a statement returns: names cannot be parameters."""
    statement = STATEMENTS[name]
    for row in await connection.fetch(statement.text, *statement.values(names)):
        try:
            await connection.execute(row[0])
        except asyncpg.InsufficientPrivilegeError as error:
            fix = "let a role that may do it migrate"
            raise RefusedError("rights", f"too few for {row[0]}", fix) from error
