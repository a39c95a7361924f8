"""A server or session that could lose what was acknowledged is refused (reliability.md §7.2)."""

import asyncio
import logging

import pytest

from angzarr_ports import System
from angzarr_store import RefusedError, StoreUnavailableError
from angzarr_store_postgres import PostgresStore
from angzarr_store_postgres._session import SETTINGS, WRITABLE, check_settings
from angzarr_testserver_postgres import PostgresServers

from .conftest import Database, Databases

SOUND = {name: wanted.values[0] for name, wanted in {**SETTINGS, **WRITABLE}.items()}
SOUND |= {"server_version_num": "160014", "data_checksums": "on", "pg_backend_pid": "7"}


@pytest.mark.parametrize("name", [*SETTINGS, *WRITABLE])
def test_every_setting_counts(name: str) -> None:
    """Each with another value is refused by its name."""
    with pytest.raises(RefusedError) as refused:
        check_settings(SOUND, {**SOUND, name: "else"})

    assert (refused.value.setting, refused.value.value) == (name, "else")


def test_an_old_server_is_refused() -> None:
    """It says which one is needed."""
    with pytest.raises(RefusedError, match="server_version_num is 130012; use 140000 or newer"):
        check_settings(SOUND, {**SOUND, "server_version_num": "130012"})


def test_a_pool_by_transaction_is_refused() -> None:
    """Two statements must be answered by one backend."""
    with pytest.raises(RefusedError, match="pool by session"):
        check_settings(SOUND, {**SOUND, "pg_backend_pid": "8"})


def test_pages_without_checksums_are_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """They are told of, and served."""
    with caplog.at_level(logging.WARNING):
        check_settings(SOUND, {**SOUND, "data_checksums": "off"})
        check_settings(SOUND, SOUND)

    assert [record.message for record in caplog.records] == ["store.checksums"]


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
async def test_an_unsafe_server_is_refused(
    postgres_servers: PostgresServers, prepared: Databases, system: System, name: str
) -> None:
    """Before anything is served."""
    server = await asyncio.to_thread(postgres_servers.start, 18, {name: "off"})
    database = await prepared(server)

    with pytest.raises(RefusedError, match=f"{name} is off"):
        await PostgresStore.open(database.config, system)

    await asyncio.to_thread(server.stop, "immediate")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_transaction_isolation", "repeatable read"),
        ("default_transaction_read_only", "on"),
        ("session_replication_role", "replica"),
        ("zero_damaged_pages", "on"),
    ],
)
async def test_an_unsafe_role_is_refused(
    database: Database, system: System, name: str, value: str
) -> None:
    """What is set for a role is looked at as its sessions see it."""
    await database.execute(
        f"ALTER ROLE angzarr_order IN DATABASE {database.name} SET {name} = '{value}'"
    )

    with pytest.raises(RefusedError, match=value):
        await PostgresStore.open(database.config, system)


async def test_sessions_commit_synchronously_whatever_the_server_does(
    database: Database, system: System
) -> None:
    """It is set for each of them, and so are the limits of the server's patience."""
    await database.execute(f"ALTER DATABASE {database.name} SET synchronous_commit = off")

    store = await PostgresStore.open(database.config, system)
    connection = store._writer._connection  # noqa: SLF001
    assert connection is not None
    found = [
        await connection.fetchval(f"SHOW {name}")
        for name in (
            "synchronous_commit",
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
        )
    ]
    await store.aclose()

    assert found == ["on", "10s", "2s", "10s"]


async def test_readers_cannot_write(database: Database, system: System) -> None:
    """Their sessions are read-only, whatever their login may do."""
    store = await PostgresStore.open(database.config, system)
    log = await store.log("order")
    await log.head()

    with pytest.raises(StoreUnavailableError, match="25006"):
        await store._reads.rows("update_epoch", {"domain": "order"})  # noqa: SLF001

    await store.aclose()


async def test_a_wrong_password_is_no_refusal_for_good(database: Database, system: System) -> None:
    """It may be a rotation: the next start may succeed, and no error shows the secret."""
    await database.execute("ALTER ROLE angzarr_order PASSWORD 'another'")

    with pytest.raises(StoreUnavailableError) as caught:
        await PostgresStore.open(database.config, system)

    assert "secret" not in str(caught.value)
    await database.execute("ALTER ROLE angzarr_order PASSWORD 'secret of order'")
