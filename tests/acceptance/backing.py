"""Where a shop keeps its events and over what they travel: files and pipes, or real servers."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from typing_extensions import override

from angzarr_testserver_nats import NatsServer
from angzarr_testserver_postgres import PostgresServers

if TYPE_CHECKING:
    from .shop import Shop

VERSION = 16
REPLICAS = 2
NUMBERS = itertools.count()
GIVE_PASSWORDS = """
DO $$ DECLARE login text; BEGIN
    FOR login IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'angzarr\\_%' LOOP
        EXECUTE format('ALTER ROLE %I PASSWORD %L', login, '{password}');
    END LOOP;
END $$
"""


class Backing:
    """SQLite files and named pipes, which every shop makes for itself."""

    def begin(self, shop: "Shop") -> Mapping[str, str]:
        """Make what a shop needs; return the variables that tell it where."""
        del shop
        return {}


class Servers(Backing):
    """For each shop a database of one Postgres server, and a NATS server; two of each coordinator.

    All of it ends with `stack`.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        servers = stack.enter_context(PostgresServers())
        self._postgres = servers.start(VERSION, {"max_connections": "500"})

    @override
    def begin(self, shop: "Shop") -> Mapping[str, str]:
        place = Path(tempfile.mkdtemp(prefix="angnats"))
        self._stack.callback(shutil.rmtree, place)
        nats = NatsServer(place)
        nats.start()
        self._stack.callback(nats.kill)
        name, secret = f"shop{next(NUMBERS)}", shop.directory / "secret"
        secret.touch(mode=0o600)
        secret.write_text(self._postgres.password, encoding="utf-8")
        self._execute(f"CREATE DATABASE {name}")
        where = f"127.0.0.1:{self._postgres.port}/{name}?password_file={secret}"
        told = {"ANGZARR_STORE__KIND": "postgres", "ANGZARR_STORE__URL": f"postgresql://{where}"}
        admin = f"--url=postgresql://postgres@{where}"
        code, _, err = shop.angzarr("store", "migrate", admin, more=told)
        assert code == 0, err
        self._execute(GIVE_PASSWORDS.format(password=self._postgres.password))
        bus = {"ANGZARR_BUS__KIND": "nats", "ANGZARR_BUS__URL": nats.url}
        return {**told, **bus, "ANGZARR_REPLICAS": str(REPLICAS)}

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._postgres.url(), ssl=False)
            await connection.execute(statement)
            await connection.close()

        asyncio.run(execute())
