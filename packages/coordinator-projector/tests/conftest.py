"""Fixtures of the projector coordinator's tests."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from angzarr_ports import real_system
from angzarr_store import StoreConfig
from angzarr_store_memory import MemoryStore

from .rebuilding import Rebuilding
from .world import QuickClock, World


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
async def empty_world(run_directory: Path) -> AsyncIterator[World]:
    """Return a world in which nothing runs yet."""
    died: list[BaseException] = []
    system = replace(real_system(lambda _, error: died.append(error)), clock=QuickClock())
    memory = await MemoryStore.open(StoreConfig(url="", component="projector"), system)
    made = World(system, run_directory, memory)
    yield made
    await made.aclose()
    assert died == []


@pytest.fixture
async def world(empty_world: World) -> World:
    """Start an aggregate and a projector of its events."""
    await empty_world.start()
    return empty_world


@pytest.fixture
async def rebuilding(empty_world: World) -> AsyncIterator[Rebuilding]:
    """Let orders flow, and stop them: what is stored stays as it is."""
    async with Rebuilding(empty_world) as made:
        await made.settled()
        yield made
