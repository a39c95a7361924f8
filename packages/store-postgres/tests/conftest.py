"""Databases on real servers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from angzarr_store import StoreConfig, StoreUnavailableError
from angzarr_store_postgres import PostgresStore
from angzarr_testserver_postgres import VERSIONS, PostgresServer, PostgresServers

COMPONENT = "order"
SECRET = "secret of order"  # noqa: S105 - of this test
NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database of one server with the schema and the login of a component."""

    server: PostgresServer
    name: str
    directory: Path

    @property
    def config(self) -> StoreConfig:
        """Return what a coordinator is given."""
        return self.configured()

    def configured(self, more: str = "", *, as_admin: bool = False) -> StoreConfig:
        """Return what a coordinator, or who migrates, is given, with more parameters."""
        login, file = ("postgres@", "admin") if as_admin else ("", "own")
        place = f"{login}127.0.0.1:{self.server.port}/{self.name}"
        url = f"postgresql://{place}?password_file={self.directory / file}{more}"
        return StoreConfig(url=url, component=COMPONENT)

    async def migrate(self) -> None:
        """Make the schema as the superuser."""
        await PostgresStore.migrate(self.configured(as_admin=True))

    async def execute(self, *statements: str) -> None:
        """Do something as the superuser, in the schema."""
        connection = await self.connect()
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def value(self, statement: str) -> object:
        """Return one value, as the superuser sees it."""
        connection = await self.connect()
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def connect(
        self, user: str = "postgres", secret: str = ""
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a connection of some login."""
        url = self.server.url(user, self.name, secret)
        settings = {"search_path": f'"{COMPONENT}"'}
        return await asyncpg.connect(url, ssl=False, server_settings=settings)


def keep_secret(file: Path, secret: str) -> None:
    """Write a file that only this user reads."""
    file.touch(mode=0o600)
    file.write_text(secret + "\n", encoding="utf-8")


Databases = Callable[[PostgresServer], Awaitable[Database]]


@pytest.fixture(scope="session")
def running(postgres_servers: PostgresServers) -> Iterator[Callable[[int], PostgresServer]]:
    """Return one server of each version that every test may use and none may stop."""
    servers: dict[int, PostgresServer] = {}

    def start(version: int) -> PostgresServer:
        if version not in servers:
            servers[version] = postgres_servers.start(version)
        return servers[version]

    yield start
    for server in servers.values():
        server.stop("immediate")


@pytest.fixture
def prepared(tmp_path: Path) -> Databases:
    """Make a database with schema and login on a server."""

    async def prepare(server: PostgresServer) -> Database:
        name = f"test{next(NUMBERS)}"
        admin = await asyncpg.connect(server.url(), ssl=False)
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        await asyncio.to_thread(keep_secret, tmp_path / "own", SECRET)
        await asyncio.to_thread(keep_secret, tmp_path / "admin", server.password)
        database = Database(server=server, name=name, directory=tmp_path)
        await database.migrate()
        await database.execute(f"ALTER ROLE angzarr_{COMPONENT} PASSWORD '{SECRET}'")
        return database

    return prepare


@pytest.fixture(params=VERSIONS)
async def database(
    request: pytest.FixtureRequest,
    running: Callable[[int], PostgresServer],
    prepared: Databases,
) -> AsyncIterator[Database]:
    """Return a fresh database on a server of each version."""
    server = await asyncio.to_thread(running, request.param)
    found = await prepared(server)
    yield found
    admin = await asyncpg.connect(server.url(), ssl=False)
    await admin.execute(f"DROP DATABASE {found.name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def own(postgres_servers: PostgresServers, prepared: Databases) -> AsyncIterator[Database]:
    """Return a database on a server that a test may stop."""
    server = await asyncio.to_thread(postgres_servers.start, max(VERSIONS))
    yield await prepared(server)
    await asyncio.to_thread(server.stop, "immediate")


async def answers(store: PostgresStore) -> bool:
    """Say whether it can commit."""
    try:
        await store.probe()
    except StoreUnavailableError:
        return False
    return True
