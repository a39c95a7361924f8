"""Guards around every test."""

import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterator

import pytest
from blockbuster import blockbuster_ctx

# Test modules below examples/ are named after their path: the package examples must be there first.
with contextlib.suppress(ModuleNotFoundError):
    importlib.import_module("examples")


@pytest.fixture(autouse=True)
def blocking_calls_fail() -> Iterator[None]:
    """Fail a test whose event loop runs a blocking call."""
    with blockbuster_ctx():
        yield


def pytest_bdd_before_step_call(step_func: Callable[..., object]) -> None:
    """Reject async steps: pytest-bdd never awaits them, so they would pass vacuously."""
    if inspect.iscoroutinefunction(step_func):
        pytest.fail(f"async step {step_func.__name__!r} would never be awaited", pytrace=False)
