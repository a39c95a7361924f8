"""Reading connections: they cannot write, and cannot move the write-ahead log."""

from contextlib import AsyncExitStack
from pathlib import Path

import aiosqlite

from angzarr_store_sqlite._connection import COMMON_PRAGMAS, check_pragma


async def open_reader(path: Path) -> aiosqlite.Connection:
    """Return a connection that cannot write, with every setting read back."""
    reader = await aiosqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(reader.close)  # its thread would keep the process from ending
        for name, value in {**COMMON_PRAGMAS, "query_only": 1}.items():
            await reader.execute(f"PRAGMA {name} = {value}")
            for row in await reader.execute_fetchall(f"PRAGMA {name}"):
                check_pragma(name, value, row[0])
        stack.pop_all()
    return reader
