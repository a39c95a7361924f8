"""Logic with a link, a coordinator with one, and what calls them."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from angzarr_ports import System

from .world import World


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


@pytest.fixture
async def world(place: Path, system: System) -> AsyncIterator[World]:
    """Serve logic and coordinator on one socket, both with a link."""
    async with World(f"unix:{place}/s.sock", system).serving() as made:
        yield made
