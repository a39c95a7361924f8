"""Ports of the log's tests."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from angzarr_ports import System, SystemClock, real_system


class QuickClock(SystemClock):
    """A clock that waits a thousandth of what it is asked for."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a thousandth of `seconds`."""
        await super().sleep(seconds / 1000)


@pytest.fixture
async def system() -> AsyncIterator[System]:
    """Return ports whose clock hurries."""
    ports = replace(real_system(lambda _name, _error: None), clock=QuickClock())
    yield ports
    await ports.tasks.aclose()
