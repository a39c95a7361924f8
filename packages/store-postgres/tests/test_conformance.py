"""The Postgres store passes the whole kit, on every version."""

from collections.abc import AsyncIterator

import pytest

from angzarr_ports import System
from angzarr_store import Audit
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
from angzarr_store_postgres import PostgresStore

from .conftest import Database


class TestPostgresStore(
    AppendContract,
    ReadContract,
    SnapshotContract,
    EditionContract,
    LedgerContract,
    LettersContract,
    ProcessContract,
    AuditContract,
):
    """All contracts, on one database per test."""

    @pytest.fixture
    def audited(self, database: Database, system: System) -> Audited:
        """Read the schema beside its owner."""

        async def look() -> Audit:
            found = await PostgresStore.audit(database.config, system)
            assert found is not None
            return found

        return look

    @pytest.fixture
    async def reopen(self, database: Database, system: System) -> AsyncIterator[Reopen]:
        """Let go of the schema and open it again."""
        opened: list[PostgresStore] = []

        async def again() -> PostgresStore:
            while opened:
                await opened.pop().aclose()
            opened.append(await PostgresStore.open(database.config, system))
            return opened[-1]

        yield again
        while opened:
            await opened.pop().aclose()
