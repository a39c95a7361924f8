"""The pipe bus passes the whole kit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from angzarr_bus import Bus, BusConfig
from angzarr_bus_conformance import BusContract, Connect
from angzarr_bus_ipc import IpcBus
from angzarr_ports import System


class TestIpcBus(BusContract):
    """Pipes in a private directory."""

    @pytest.fixture
    async def connect(self, tmp_path: Path, system: System) -> AsyncIterator[Connect]:
        """Open the directory once more."""
        opened: list[IpcBus] = []

        async def again() -> Bus:
            opened.append(await IpcBus.open(BusConfig(url=str(tmp_path)), system))
            return opened[-1]

        yield again
        for bus in opened:
            await bus.aclose()
