"""Guards and a directory for sockets."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest


@pytest.fixture
def sockets() -> Iterator[Path]:
    """Make a short directory."""
    path = Path(tempfile.mkdtemp(prefix="ang"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()
