"""The SQLite store passes the whole kit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from angzarr_ports import System
from angzarr_store import StoreConfig
from angzarr_store_conformance import (
    AppendContract,
    LedgerContract,
    LettersContract,
    ReadContract,
    Reopen,
)
from angzarr_store_sqlite import SqliteStore


class TestSqliteStore(AppendContract, ReadContract, LedgerContract, LettersContract):
    """All contracts, on one file per test."""

    @pytest.fixture
    async def reopen(self, tmp_path: Path, system: System) -> AsyncIterator[Reopen]:
        """Close the file and open it again."""
        opened: list[SqliteStore] = []

        async def again() -> SqliteStore:
            while opened:
                await opened.pop().aclose()
            config = StoreConfig(url=str(tmp_path), component="order", volatile=True)
            opened.append(await SqliteStore.open(config, system))
            return opened[-1]

        yield again
        while opened:
            await opened.pop().aclose()
