"""The NATS bus passes the whole kit on a real server."""

from collections.abc import AsyncIterator

import pytest

from angzarr_bus import Bus, BusConfig
from angzarr_bus_conformance import BusContract, Connect
from angzarr_bus_nats import NatsBus
from angzarr_ports import System
from angzarr_testserver_nats import NatsServer


class TestNatsBus(BusContract):
    """JetStream on one server."""

    @pytest.fixture
    async def connect(self, nats_server: NatsServer, system: System) -> AsyncIterator[Connect]:
        """Connect to the server once more."""
        opened: list[NatsBus] = []

        async def again() -> Bus:
            opened.append(await NatsBus.open(BusConfig(url=nats_server.url), system))
            return opened[-1]

        yield again
        for bus in opened:
            await bus.aclose()
