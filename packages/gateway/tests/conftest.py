"""Fixtures of the gateway's tests."""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from .foreign import Client
from .world import World


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def port() -> Iterator[int]:
    """Return a free port of this machine that nobody else is given meanwhile."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
async def empty_world(run_directory: Path, port: int) -> AsyncIterator[World]:
    """Return a world in which nothing runs yet."""
    made = World(run_directory, port)
    yield made
    await made.aclose()
    assert made.died == []


@pytest.fixture
async def world(empty_world: World) -> World:
    """Start a gateway, two coordinators and their logic."""
    await empty_world.start()
    return empty_world


@pytest.fixture
def client(world: World) -> Client:
    """Return a foreign client of the gateway."""
    return world.client
