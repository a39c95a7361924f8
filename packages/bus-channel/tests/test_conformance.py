"""The channel bus and its lossy wrapper pass the whole kit."""

import pytest

from angzarr_bus import Bus, BusConfig
from angzarr_bus_channel import ChannelBus, LossyBus
from angzarr_bus_conformance import BusContract, Connect
from angzarr_ports import System


class TestChannelBus(BusContract):
    """One instance is shared by everyone."""

    @pytest.fixture
    async def connect(self, system: System) -> Connect:
        """Return the shared instance each time."""
        bus = await ChannelBus.open(BusConfig(url=""), system)

        async def again() -> Bus:
            return bus

        return again


class TestLossyBus(BusContract):
    """A bus that drops, repeats and reorders is still a bus."""

    @pytest.fixture
    async def connect(self, system: System) -> Connect:
        """Return the shared instance each time."""
        bus = await LossyBus.open(BusConfig(url=""), system)

        async def again() -> Bus:
            return bus

        return again
