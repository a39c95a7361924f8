"""Guards around every test."""

import contextlib
import importlib
import inspect
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

# Test modules below examples/ are named after their path: the package examples must be there first.
with contextlib.suppress(ModuleNotFoundError):
    importlib.import_module("examples")

# A shell that starts the tests in the background lets them, and what they start, ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def blocking_calls_fail() -> Iterator[None]:
    """Fail a test whose event loop runs a blocking call."""
    with blockbuster_ctx():
        yield


@pytest.fixture
def run_directory() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture
async def system() -> AsyncIterator[Any]:
    """Return the real ports; a background task that dies fails the test.

    Where gRPC is used its poller thread stays: joining it with the last server blocks the loop.
    """
    if (grpc := sys.modules.get("grpc.aio")) is not None:
        grpc.init_grpc_aio()
    died: list[tuple[str, BaseException]] = []
    ports = importlib.import_module("angzarr_ports").real_system(
        lambda name, error: died.append((name, error))
    )
    yield ports
    await ports.tasks.aclose()
    if died:
        pytest.fail(f"died: {died}")


def pytest_bdd_before_step_call(step_func: Callable[..., object]) -> None:
    """Reject async steps: pytest-bdd never awaits them, so they would pass vacuously."""
    if inspect.iscoroutinefunction(step_func):
        pytest.fail(f"async step {step_func.__name__!r} would never be awaited", pytrace=False)
