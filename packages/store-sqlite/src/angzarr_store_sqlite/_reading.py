"""Reading connections: they cannot write, and cannot move the write-ahead log."""

import sqlite3
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiosqlite
from typing_extensions import override

from angzarr_store import StoreUnavailableError
from angzarr_store_sqlite._connection import COMMON_PRAGMAS, check_pragma
from angzarr_store_sqlite._statements import STATEMENTS
from angzarr_tables import Reads, Rows


class SqliteReads(Reads):
    """A connection to one file, which its owner may write meanwhile."""

    def __init__(self, path: Path, reader: aiosqlite.Connection) -> None:
        self._path = path
        self._reader = reader

    @classmethod
    async def open(cls, path: Path) -> "SqliteReads":
        """Open a file that exists.

        Raises:
            RefusedError: a setting of the database was not taken over.
            StoreUnavailableError: it is no database that can be read now.
        """
        try:
            return cls(path, await _open_reader(path))
        except sqlite3.Error as error:
            raise _unreadable(path, error) from error

    @override
    async def rows(self, name: str, values: Mapping[str, object]) -> Rows:
        # Whole: an open cursor would keep what others read as old as its own snapshot.
        try:
            return list(await self._reader.execute_fetchall(STATEMENTS[name], values))
        except sqlite3.Error as error:
            raise _unreadable(self._path, error) from error

    @override
    async def aclose(self) -> None:
        await self._reader.close()


async def _open_reader(path: Path) -> aiosqlite.Connection:
    reader = await aiosqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(reader.close)  # its thread would keep the process from ending
        for name, value in {**COMMON_PRAGMAS, "query_only": 1}.items():
            await reader.execute(f"PRAGMA {name} = {value}")
            for row in await reader.execute_fetchall(f"PRAGMA {name}"):
                check_pragma(name, value, row[0])
        stack.pop_all()
    return reader


def _unreadable(path: Path, error: sqlite3.Error) -> StoreUnavailableError:
    return StoreUnavailableError(f"{path.name} cannot be read: {error}")
