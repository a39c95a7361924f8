"""Reading connections: a few, which cannot write."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack

from typing_extensions import override

from angzarr_store import StoreUnavailableError
from angzarr_store_postgres._errors import translating
from angzarr_store_postgres._execution import fetch
from angzarr_store_postgres._place import Place
from angzarr_store_postgres._session import Connection, connect, let_go
from angzarr_tables import Reads, Rows

READERS = 8


class PostgresReads(Reads):
    """Connections that are opened when they are needed, and kept."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._free = asyncio.Semaphore(READERS)
        self._kept: list[Connection] = []

    @override
    async def rows(self, name: str, values: Mapping[str, object]) -> Rows:
        async with self._free:
            if self._kept:
                try:
                    return await self._fetch(self._kept.pop(), name, values)
                except StoreUnavailableError:
                    self._forget()  # a server that was restarted knows none of them
            connection = await connect(self._place, read_only=True)
            return await self._fetch(connection, name, values)

    @override
    async def aclose(self) -> None:
        while self._kept:
            await let_go(self._kept.pop())

    async def _fetch(self, connection: Connection, name: str, values: Mapping[str, object]) -> Rows:
        with ExitStack() as undo, translating():
            undo.callback(connection.terminate)
            rows = await fetch(connection, name, values)
            undo.pop_all()
        self._kept.append(connection)
        return rows

    def _forget(self) -> None:
        while self._kept:
            self._kept.pop().terminate()
