"""Fixtures of the cascade's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from angzarr_ports import real_system

from .world import World


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
async def world(run_directory: Path) -> AsyncIterator[World]:
    """Return a world without subscribers."""
    made = World(real_system(lambda _name, _error: None), run_directory)
    yield made
    await made.aclose()
