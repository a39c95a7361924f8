"""Schemas are made and brought up to date by one at a time."""

import asyncio

import asyncpg
import pytest

from angzarr_ports import System
from angzarr_store import FencedError, RefusedError, StoreConfig, StoreUnavailableError
from angzarr_store_conformance import batch
from angzarr_store_postgres import PostgresStore

from .conftest import SECRET, Database


def of(database: Database, component: str) -> StoreConfig:
    """Return what migrates a component."""
    return StoreConfig(url=database.configured(as_admin=True).url, component=component)


async def test_two_migrations_come_one_after_the_other(database: Database) -> None:
    """Many at once make one schema, one layout, one login."""
    config = of(database, "cart")

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(PostgresStore.migrate(config))

    assert await database.value('SELECT count(*) FROM "cart".layout') == 1
    await database.execute("DROP SCHEMA cart CASCADE", "DROP ROLE angzarr_cart")


async def test_a_component_without_schema_is_refused(database: Database, system: System) -> None:
    """It says what makes one; there is nothing to audit."""
    url = database.config.url.replace("://", "://angzarr_order@")
    config = StoreConfig(url=url, component="cart")

    with pytest.raises(RefusedError, match="schema cart is not there; run `angzarr store migrate`"):
        await PostgresStore.open(config, system)
    assert await PostgresStore.audit(config, system) is None


async def test_a_newer_layout_is_refused(database: Database, system: System) -> None:
    """By who serves, who audits and who migrates."""
    await database.execute("UPDATE layout SET layout = 99")

    for refused in (
        PostgresStore.open(database.config, system),
        PostgresStore.audit(database.config, system),
        database.migrate(),
    ):
        with pytest.raises(RefusedError, match="layout is 99; this angzarr reads up to 1"):
            await refused

    assert await database.value("SELECT layout FROM layout") == 99


async def test_a_newer_log_is_refused(database: Database, system: System) -> None:
    """A head says its layout too."""
    store = await PostgresStore.open(database.config, system)
    await store.log("order")
    await store.aclose()
    await database.execute("UPDATE head SET layout = 99")

    with pytest.raises(RefusedError, match="layout is 99"):
        await PostgresStore.open(database.config, system)


async def test_a_migration_fences_who_serves(database: Database, system: System) -> None:
    """An older layout is not served; bringing it up raises the epoch of every log."""
    store = await PostgresStore.open(database.config, system)
    log = await store.log("order")
    first = await log.append(batch("a"))
    await database.execute("UPDATE layout SET layout = 0", "UPDATE head SET layout = 0")

    with pytest.raises(RefusedError, match="layout is 0; run `angzarr store migrate`"):
        await PostgresStore.open(database.config, system)
    await database.migrate()
    with pytest.raises(FencedError):
        await log.append(batch("b", base=1))
    again = await log.append(batch("a"))
    await database.migrate()
    epoch = await database.value("SELECT epoch FROM head")
    await store.aclose()

    assert (again.row, again.repeated) == (first.row, True)
    assert epoch == first.row.epoch + 1


async def test_a_login_that_may_not_migrate_is_told(database: Database) -> None:
    """It names what it may not do, and nothing is changed."""
    config = StoreConfig(url=database.config.url, component="cart")
    url = config.url.replace("://", "://angzarr_order@")

    with pytest.raises(RefusedError, match="rights is too few for CREATE ROLE"):
        await PostgresStore.migrate(StoreConfig(url=url, component="cart"))

    assert await database.value("SELECT to_regnamespace('cart')") is None


async def test_who_may_create_roles_may_migrate(database: Database) -> None:
    """No superuser is needed where the owner has been granted."""
    await database.execute(
        f"CREATE ROLE migrator LOGIN CREATEROLE PASSWORD '{SECRET}'",
        "GRANT angzarr_owner TO migrator",
    )
    url = database.config.url.replace("://", "://migrator@")

    await PostgresStore.migrate(StoreConfig(url=url, component="cart"))

    owner = "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'cart'"
    assert await database.value(owner) == "angzarr_owner"
    await database.execute(
        "DROP SCHEMA cart CASCADE", "DROP ROLE angzarr_cart", "DROP ROLE migrator"
    )


async def test_the_public_schema_is_closed(database: Database) -> None:
    """Nobody finds a way round by what everybody may use."""
    connection = await database.connect("angzarr_order", SECRET)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE public.more (it int)")

    assert not await connection.fetchval("SELECT has_schema_privilege('public', 'USAGE')")
    await connection.close()


async def test_nobody_listens(system: System) -> None:
    """A server that is not there is unavailable, not refused."""
    config = StoreConfig(url="postgresql://127.0.0.1:1/shop", component="order")

    with pytest.raises(StoreUnavailableError):
        await PostgresStore.open(config, system)
    with pytest.raises(StoreUnavailableError):
        await PostgresStore.migrate(config)
