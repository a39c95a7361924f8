"""Fixtures of the process manager coordinator's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from angzarr_ports import real_system
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

from .world import NAME, World


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
async def world(run_directory: Path) -> AsyncIterator[World]:
    """Return a world in which nothing runs yet."""
    died: list[BaseException] = []
    system = real_system(lambda _, error: died.append(error))
    memory = await MemoryStore.open(StoreConfig(url="", component=NAME), system)
    made = World(system, run_directory, memory)
    yield made
    await made.aclose()
    assert died == []
