"""A SQLite file as an auditor sees it, on a read-only connection of its own."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import aiosqlite
from typing_extensions import override

from angzarr_rows import command_of, event_of
from angzarr_store import Audit, Checkpoint, CommandRow, Event, Head, StoreUnavailableError
from angzarr_store_sqlite._reading import open_reader
from angzarr_store_sqlite._statements import STATEMENTS


class SqliteAudit(Audit):
    """The rows of one file; its owner may write meanwhile."""

    def __init__(self, path: Path, reader: aiosqlite.Connection) -> None:
        self._path = path
        self._reader = reader

    @classmethod
    async def open(cls, path: Path) -> "SqliteAudit":
        """Open a file that exists.

        Raises:
            StoreUnavailableError: it is no database that can be read now.
        """
        try:
            return cls(path, await open_reader(path))
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"{path.name} cannot be read: {error}") from error

    @override
    async def read_domains(self) -> Sequence[str]:
        return [row[0] for row in await self._rows("select_domains")]

    @override
    async def read_head(self, domain: str) -> Head:
        (row,) = await self._rows("select_head", domain)
        return Head(position=row[0], epoch=row[1], chain=row[2])

    @override
    async def read_events(self, domain: str, *, after: int, limit: int) -> Sequence[Event]:
        rows = await self._rows("select_feed_events", domain, after, limit)
        return [event_of(row) for row in rows]

    @override
    async def read_commands(self, domain: str, *, after: str, limit: int) -> Sequence[CommandRow]:
        rows = await self._rows("select_commands", domain, after, limit)
        return [command_of(row) for row in rows]

    @override
    async def read_checkpoints(self) -> Sequence[Checkpoint]:
        return [
            Checkpoint(subscriber=row[0], domain=row[1], position=row[2], chain=row[3])
            for row in await self._rows("select_checkpoints")
        ]

    @override
    async def aclose(self) -> None:
        await self._reader.close()

    async def _rows(self, name: str, *values: object) -> Sequence[aiosqlite.Row]:
        try:
            return list(await self._reader.execute_fetchall(STATEMENTS[name], values))
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"{self._path.name} cannot be read: {error}") from error
