"""Fixtures that a discovery's tests get from this plugin."""

from collections.abc import AsyncIterator

import pytest

from angzarr_ports import System, real_system


@pytest.fixture
async def system() -> AsyncIterator[System]:
    """The real ports; a background task that dies fails the test."""
    died: list[BaseException] = []
    ports = real_system(lambda _name, error: died.append(error))
    yield ports
    await ports.tasks.aclose()
    if died:
        raise died[0]
