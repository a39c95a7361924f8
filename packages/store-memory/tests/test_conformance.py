"""The memory store passes the whole kit."""

import pytest

from angzarr_ports import System
from angzarr_store import Audit, RefusedError, StoreConfig
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
from angzarr_store_memory import MemoryStore


class TestMemoryStore(
    AppendContract,
    ReadContract,
    SnapshotContract,
    EditionContract,
    LedgerContract,
    LettersContract,
    ProcessContract,
    AuditContract,
):
    """All contracts, on one set of rows per test."""

    @pytest.fixture
    async def store(self, system: System) -> MemoryStore:
        """Return a store whose rows last for the test."""
        return await MemoryStore.open(StoreConfig(url="", component="order"), system)

    @pytest.fixture
    def audited(self, store: MemoryStore) -> Audited:
        """Look at the same rows."""

        async def look() -> Audit:
            return store.audited()

        return look

    @pytest.fixture
    async def reopen(self, store: MemoryStore) -> Reopen:
        """Reopen the same rows each time."""

        async def again() -> MemoryStore:
            return store.reopen()

        return again


async def test_it_is_not_shared(system: System) -> None:
    """Several processes cannot see one memory."""
    config = StoreConfig(url="", component="order", shared=True)
    with pytest.raises(RefusedError, match=r"store\.shared is true; use store postgres"):
        await MemoryStore.open(config, system)
