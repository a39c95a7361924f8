"""Fixtures of letters in memory."""

from collections.abc import AsyncIterator

import pytest

from angzarr_ports import real_system
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

from .world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A component in memory."""
    system = real_system(lambda _name, error: pytest.fail(str(error)))
    store = await MemoryStore.open(StoreConfig(url="", component="saga"), system)
    yield World(store.ledger)
