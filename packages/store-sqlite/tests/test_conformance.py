"""The SQLite store passes the whole kit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from angzarr_ports import System
from angzarr_store import Audit, StoreConfig
from angzarr_store_conformance import (
    AppendContract,
    AuditContract,
    Audited,
    EditionContract,
    LedgerContract,
    LettersContract,
    ProcessContract,
    ReadContract,
    Reopen,
    SnapshotContract,
)
from angzarr_store_sqlite import SqliteStore


class TestSqliteStore(
    AppendContract,
    ReadContract,
    SnapshotContract,
    EditionContract,
    LedgerContract,
    LettersContract,
    ProcessContract,
    AuditContract,
):
    """All contracts, on one file per test."""

    @pytest.fixture
    def audited(self, tmp_path: Path, system: System) -> Audited:
        """Open the file a second time, to read."""

        async def look() -> Audit:
            found = await SqliteStore.audit(
                StoreConfig(url=str(tmp_path), component="order"), system
            )
            assert found is not None
            return found

        return look

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
