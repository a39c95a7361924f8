"""The memory store passes the whole kit."""

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
from angzarr_store_memory import MemoryStore


class TestMemoryStore(AppendContract, ReadContract, LedgerContract, LettersContract):
    """All contracts, on one set of rows per test."""

    @pytest.fixture
    async def reopen(self, system: System) -> Reopen:
        """Reopen the same rows each time."""
        store = await MemoryStore.open(StoreConfig(url="", component="order"), system)

        async def again() -> MemoryStore:
            return store.reopen()

        return again
