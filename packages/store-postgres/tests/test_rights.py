"""What a login must not do, the server refuses (security.md C13, §6)."""

import asyncpg
import pytest

from angzarr_ports import System
from angzarr_store import RefusedError, StoreConfig
from angzarr_store_conformance import batch
from angzarr_store_postgres import PostgresStore

from .conftest import SECRET, Database

FORBIDDEN = [
    "UPDATE events SET page = NULL",
    "UPDATE events SET correlation_id = ''",
    "DELETE FROM events",
    "TRUNCATE events",
    "UPDATE commands SET outcome = 'rejected'",
    "DELETE FROM commands",
    "TRUNCATE commands",
    "UPDATE editions SET deleted = true",
    "DELETE FROM divergences",
    "INSERT INTO head VALUES ('order', 0, 0, '', 1)",
    "UPDATE head SET layout = 0",
    "DELETE FROM head",
    "UPDATE layout SET layout = 0",
    "DROP TABLE events",
    "ALTER TABLE events ADD COLUMN more text",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "CREATE TABLE more (it int)",
    "CREATE TABLE public.more (it int)",
    "CREATE SCHEMA more",
    "CREATE OR REPLACE FUNCTION delete_edition(text, text) RETURNS void LANGUAGE sql AS ''",
    "COPY events TO PROGRAM 'cat'",
    "COPY events TO '/tmp/events'",
    "SET ROLE angzarr_owner",
    "SET session_replication_role = replica",
    'SELECT * FROM "other".events',
]


@pytest.fixture
async def filled(database: Database, system: System) -> Database:
    """Return a database with one event, beside the schema of another component."""
    config = database.configured(as_admin=True)
    await PostgresStore.migrate(StoreConfig(url=config.url, component="other"))
    store = await PostgresStore.open(database.config, system)
    await (await store.log("order")).append(batch("a"))
    await store.aclose()
    return database


async def test_a_login_cannot_rewrite_the_past(filled: Database) -> None:
    """Nor change the tables, nor read another schema, nor become another role."""
    connection = await filled.connect("angzarr_order", SECRET)
    allowed = []
    for statement in FORBIDDEN:
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
        allowed.append(statement)
    await connection.close()

    assert allowed == []
    assert await filled.value("SELECT count(*) FROM events WHERE page IS NOT NULL") == 1


async def test_main_is_never_deleted_as_an_edition(filled: Database) -> None:
    """N36: the function that deletes an edition leaves main alone, whoever calls it."""
    await filled.execute(
        "INSERT INTO editions VALUES ('order', 'angzarr', '', '', '', false)",
        "SELECT delete_edition('order', 'angzarr')",
    )

    assert await filled.value("SELECT count(*) FROM events WHERE page IS NOT NULL") == 1
    assert await filled.value("SELECT deleted FROM editions") is False


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ALTER ROLE angzarr_order SUPERUSER", "superuser"),
        ("ALTER ROLE angzarr_order BYPASSRLS", "BYPASSRLS"),
        ("GRANT angzarr_owner TO angzarr_order", "owner of the tables"),
        ("GRANT UPDATE ON events TO angzarr_order", "allowed to UPDATE rows of events"),
        ("GRANT UPDATE (page) ON events TO angzarr_order", "allowed to UPDATE rows of events"),
        ("GRANT DELETE ON commands TO angzarr_order", "allowed to DELETE rows of commands"),
        ("GRANT TRUNCATE ON events TO angzarr_order", "allowed to TRUNCATE rows of events"),
        ("GRANT pg_write_all_data TO angzarr_order", "a member of pg_write_all_data"),
        (
            "GRANT pg_execute_server_program TO angzarr_order",
            "a member of pg_execute_server_program",
        ),
    ],
)
async def test_a_login_that_could_is_refused(
    filled: Database, system: System, statement: str, what: str
) -> None:
    """It names the right; with the right taken away it is served."""
    await filled.execute(statement)

    with pytest.raises(RefusedError, match=what):
        await PostgresStore.open(filled.config, system)

    await filled.execute(
        "ALTER ROLE angzarr_order NOSUPERUSER NOBYPASSRLS",
        "REVOKE angzarr_owner, pg_write_all_data, pg_execute_server_program FROM angzarr_order",
        "REVOKE UPDATE, DELETE, TRUNCATE ON events, commands FROM angzarr_order",
    )
    await (await PostgresStore.open(filled.config, system)).aclose()


async def test_the_superuser_is_no_coordinator(filled: Database, system: System) -> None:
    """Whoever may do everything may not serve."""
    with pytest.raises(RefusedError, match="role postgres is superuser"):
        await PostgresStore.open(filled.configured(as_admin=True), system)


async def test_who_only_reads_can_audit(filled: Database, system: System) -> None:
    """SELECT alone is enough for an auditor, and for nobody else."""
    await filled.execute(
        "DROP ROLE IF EXISTS auditor",
        f"CREATE ROLE auditor LOGIN PASSWORD '{SECRET}'",
        'GRANT USAGE ON SCHEMA "order" TO auditor',
        'GRANT SELECT ON ALL TABLES IN SCHEMA "order" TO auditor',
    )
    url = filled.config.url.replace("://", "://auditor@")
    audit = await PostgresStore.audit(StoreConfig(url=url, component="order"), system)
    assert audit is not None
    domains = list(await audit.read_domains())
    await audit.aclose()
    await filled.execute("DROP OWNED BY auditor", "DROP ROLE auditor")

    assert domains == ["order"]
