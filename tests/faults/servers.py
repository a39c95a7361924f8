"""Real servers below a system: a database of a Postgres server, and a NATS server."""

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncpg

from angzarr_testserver_nats import NatsServer
from angzarr_testserver_postgres import PostgresServers

VERSION = 16
SETTINGS = {"max_connections": "300"}
PATIENCE_SECONDS = 30.0
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
)


@dataclass(frozen=True, slots=True)
class Schema:
    """The database of one component, read beside or after its owner."""

    url: str
    component: str

    def exists(self) -> bool:
        """Say that it is there: it was made before the system was started."""
        return True

    def read(self, *asked: tuple[str, Sequence[str]]) -> list[list[Sequence[Any]]]:
        """Return the rows of statements with `?` for values, as of one instant; blocks.

        A server that is being started again is waited for.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return asyncio.run(self._read(asked))
            except AWAY:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    async def _read(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Sequence[Any]]]:
        connection = await asyncpg.connect(
            self.url, ssl=False, server_settings={"search_path": f'"{self.component}"'}
        )
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return [
                    [tuple(row) for row in await connection.fetch(numbered(text), *values)]
                    for text, values in asked
                ]
        finally:
            connection.terminate()


class Servers:
    """Both servers; a context manager, whose end leaves nothing."""

    def __init__(self, directory: Path) -> None:
        self._stack = ExitStack()
        self._secret = directory / "secret"
        self.nats = NatsServer(directory / "nats")

    def __enter__(self) -> Self:
        """Start them."""
        servers = self._stack.enter_context(PostgresServers())
        self.postgres = servers.start(VERSION, SETTINGS)
        self._stack.callback(self.nats.kill)
        self.nats.start()
        self._secret.touch(mode=0o600)
        self._secret.write_text(self.postgres.password, encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        """End them."""
        self._stack.close()

    @property
    def variables(self) -> Mapping[str, str]:
        """Return what tells a system where they are."""
        return {
            "ANGZARR_STORE__KIND": "postgres",
            "ANGZARR_STORE__URL": self._url(""),
            "ANGZARR_BUS__KIND": "nats",
            "ANGZARR_BUS__URL": self.nats.url,
        }

    @property
    def administration(self) -> str:
        """Return the database as who makes schemas reaches it."""
        return self._url("postgres@")

    def schema(self, component: str) -> Schema:
        """Return the database of a component."""
        return Schema(self.postgres.url(), component)

    async def let_in(self) -> None:
        """Give each login of a component the password of all."""
        connection = await asyncpg.connect(self.postgres.url(), ssl=False)
        try:
            for (login,) in await connection.fetch(
                r"SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'angzarr\_%'"
            ):
                quoted = f"ALTER ROLE \"{login}\" PASSWORD '{self.postgres.password}'"
                await connection.execute(quoted)
        finally:
            await connection.close()

    def restart_postgres(self) -> None:
        """End it as a crash does, and start it again."""
        self.postgres.stop("immediate")
        self.postgres.start()

    def restart_nats(self, *, wiped: bool) -> None:
        """Kill it, perhaps with everything that it keeps, and start it again."""
        self.nats.kill()
        if wiped:
            self.nats.wipe()
        self.nats.start()

    def _url(self, login: str) -> str:
        place = f"127.0.0.1:{self.postgres.port}/postgres"
        return f"postgresql://{login}{place}?password_file={self._secret}"


def numbered(statement: str) -> str:
    """Return a statement with $1, $2 … in place of each ?."""
    parts, numbers = statement.split("?"), itertools.count(1)
    return "".join(f"{part}${next(numbers)}" for part in parts[:-1]) + parts[-1]
