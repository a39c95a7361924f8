"""Buses on real servers, and what a test asks of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nats
import pytest
from nats.js import JetStreamContext

from angzarr_bus import BusConfig
from angzarr_bus_nats import NatsBus
from angzarr_ports import System
from angzarr_testserver_nats import NatsServer

Open = Callable[..., Awaitable[NatsBus]]


@pytest.fixture
async def open_bus(system: System) -> AsyncIterator[Open]:
    """Open one more bus, by a server's URL and a file of credentials; it ends with the test."""
    opened: list[NatsBus] = []

    async def make(url: str, credentials: Path | str = "") -> NatsBus:
        config = BusConfig(url=url, credentials=str(credentials))
        opened.append(await NatsBus.open(config, system))
        return opened[-1]

    yield make
    for bus in opened:
        await bus.aclose()


@pytest.fixture
async def jetstream(nats_server: NatsServer) -> AsyncIterator[JetStreamContext]:
    """An operator's own connection."""
    client = await nats.connect(nats_server.url)
    yield client.jetstream()
    await client.close()


@pytest.fixture
def credentials(tmp_path: Path) -> Callable[[str], Awaitable[Path]]:
    """Return what writes a file of a login."""

    async def write(text: str) -> Path:
        path = tmp_path / f"{text.partition(':')[0]}.login"
        await asyncio.to_thread(path.touch, mode=0o600)
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        return path

    return write
