"""Three NATS servers keep the bus when one of them is killed."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import nats
import pytest

from angzarr_bus import BusConfig, Frame, Inbox
from angzarr_bus_conformance import delivered, frame
from angzarr_bus_nats import NatsBus
from angzarr_ports import System
from angzarr_testserver_nats import NatsCluster, NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

SETTLED_SECONDS = 60.0


async def until_delivered(bus: NatsBus, inbox: Inbox, sent: Frame) -> int:
    """Return the position of a frame once it has come, through elections of a leader."""
    epoch, position = 1, -1
    async with asyncio.timeout(SETTLED_SECONDS):
        while position != sent.position:
            with suppress(TimeoutError):
                position = (await delivered(bus, inbox, replace(sent, epoch=epoch))).position
            epoch += 1000
    return position


async def healed(server: NatsServer) -> None:
    """Return when a stream is kept three times again; two of three servers need no third."""
    client = await nats.connect(server.url)
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            with suppress(nats.errors.Error):
                found = (await client.jetstream().stream_info("angzarr-order")).cluster
                replicas = (found and found.replicas) or []
                if [it.current for it in replicas] == [True, True]:
                    break
    await client.close()


async def test_any_server_of_a_cluster_may_be_killed(
    nats_cluster: NatsCluster, system: System
) -> None:
    """Each is killed in turn and comes back; frames arrive while it is away and afterwards."""
    config = BusConfig(url=nats_cluster.url)
    publisher, other = [await NatsBus.open(config, system) for _ in range(2)]
    inbox = await other.subscribe("order", "saga", limit_frames=1024)
    arrived = [await until_delivered(publisher, inbox, frame(1))]
    for number, server in enumerate(nats_cluster.servers):
        await asyncio.to_thread(server.kill)
        arrived.append(await until_delivered(publisher, inbox, frame(10 * number + 10)))
        await asyncio.to_thread(server.start)
        await healed(server)
        arrived.append(await until_delivered(publisher, inbox, frame(10 * number + 15)))
    for bus in (publisher, other):
        await bus.aclose()

    assert arrived == [1, 10, 15, 20, 25, 30, 35]
