"""Servers that die, come back, freeze or are not there; nobody on the bus ends with them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import nats
import pytest

from angzarr_bus import BusConfig, Frame
from angzarr_bus_conformance import delivered, frame
from angzarr_bus_nats import NatsBus
from angzarr_bus_nats._outbox import WAITING_BYTES, WAITING_FRAMES
from angzarr_ports import System
from angzarr_testserver_nats import NatsServer

from .conftest import Open
from .waiting import (
    behind,
    counted,
    happened,
    listening,
    newer,
    received,
    until_delivered,
    until_last,
)

pytestmark = pytest.mark.timeout(90)


def connected(system: System) -> bool:
    """Say whether the gauge shows a connection."""
    series = {it.metric.name: it.series for it in system.metrics.collect()}
    return series["angzarr_bus_connected"]["nats",] == 1


async def test_a_killed_server_is_found_again(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """Publishing goes on without it, the subscriber hears None, and then frames arrive again."""
    publisher, other = await open_bus(nats_server.url), await open_bus(nats_server.url)
    inbox = await other.subscribe("order", "saga", limit_frames=1024)
    await delivered(publisher, inbox, frame(1))
    for _ in range(2):
        await asyncio.to_thread(nats_server.kill)
        for position in range(2, 50):
            publisher.publish(frame(position))
        await asyncio.to_thread(nats_server.start)
        await behind(inbox)

        assert await until_delivered(publisher, inbox, frame(50))
    assert connected(system)
    assert counted(system, "lost") >= 48


async def test_who_was_away_is_told_to_read(nats_server: NatsServer, open_bus: Open) -> None:
    """Once when the server is lost, and again when it is back, though nothing is published."""
    _bus, inbox = await listening(open_bus, nats_server)

    await asyncio.to_thread(nats_server.kill)
    assert await behind(inbox)
    await asyncio.to_thread(nats_server.start)
    assert await behind(inbox)


async def test_what_was_on_its_way_is_lost_with_the_connection(
    nats_server: NatsServer, open_bus: Open, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that the server did not answer are given up at once, however long it may take."""
    monkeypatch.setattr("angzarr_bus_nats._outbox.ACK_SECONDS", 3600.0)
    bus, _inbox = await listening(open_bus, nats_server)
    nats_server.freeze()
    for position in range(2, 12):
        bus.publish(newer(position))

    async def are_lost() -> bool:
        return counted(system, "lost") >= 10

    assert not await are_lost()
    await asyncio.to_thread(nats_server.kill)
    await happened(are_lost)


async def test_an_answer_that_comes_late_changes_nothing(
    nats_server: NatsServer, open_bus: Open, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame is counted once, as lost, and arrives all the same."""
    monkeypatch.setattr("angzarr_bus_nats._outbox.ACK_SECONDS", 0.0)
    bus = await open_bus(nats_server.url)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    assert (await delivered(bus, inbox, frame(1))).position == 1
    assert counted(system, "lost") >= 1
    assert counted(system, "published") == 0


async def test_what_no_log_holds_is_lost_for_good(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """Of what cannot be read from a feed no reference is told."""
    await asyncio.to_thread(nats_server.kill)
    bus = await open_bus(nats_server.url)
    bus.publish(replace(newer(1), position=0))

    async def is_lost() -> bool:
        return counted(system, "lost") == 1

    await happened(is_lost)
    await asyncio.to_thread(nats_server.start)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)
    assert (await until_delivered(bus, inbox, frame(2))).position == 2
    client = await nats.connect(nats_server.url)
    assert Frame.decode(await first_message(client)).position == 2
    await client.close()


async def first_message(client: nats.NATS) -> bytes:
    """Return what the stream of the domain held first."""
    return (await client.jetstream().get_msg("angzarr-order", 1)).data or b""


async def test_what_was_lost_without_a_server_is_told_when_it_is_back(
    nats_server: NatsServer, open_bus: Open
) -> None:
    """Nothing is buffered but the last frame's reference, which comes without another append."""
    publisher, other = await open_bus(nats_server.url), await open_bus(nats_server.url)
    inbox = await other.subscribe("order", "saga", limit_frames=1024)
    await delivered(publisher, inbox, frame(1))
    await asyncio.to_thread(nats_server.kill)
    for position in range(2, 5000):
        publisher.publish(newer(position, size_bytes=100))
    await asyncio.to_thread(nats_server.start)

    client = await nats.connect(nats_server.url)

    found = await until_last(client.jetstream(), newer(4999))

    assert found.is_reference
    assert (await client.jetstream().stream_info("angzarr-order")).state.messages < 10
    await client.close()


async def test_a_server_that_comes_late_is_waited_for(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """Opening, publishing and subscribing need no server; with it frames arrive."""
    await asyncio.to_thread(nats_server.kill)
    bus = await open_bus(nats_server.url)
    assert not connected(system)
    bus.publish(frame(1))
    inbox = await bus.subscribe("order", "saga", limit_frames=16)
    await asyncio.to_thread(nats_server.start)

    assert await until_delivered(bus, inbox, frame(2))


async def test_the_next_of_several_servers_takes_over(
    make_nats_server: Callable[..., NatsServer], open_bus: Open
) -> None:
    """When the first is killed, who names both goes on with the second."""
    servers = [await asyncio.to_thread(make_nats_server) for _ in range(2)]
    bus = await open_bus(", ".join(it.url for it in servers))
    inbox = await bus.subscribe("order", "saga", limit_frames=16)
    await delivered(bus, inbox, frame(1))
    await asyncio.to_thread(servers[0].kill)

    assert await until_delivered(bus, inbox, frame(2))


async def test_a_frozen_server_is_left(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """Silence for some seconds ends the connection, publishing is bounded, and a thaw heals."""
    bus, inbox = await listening(open_bus, nats_server)
    nats_server.freeze()
    for position in range(2, 500):
        bus.publish(frame(position, size_bytes=200_000))
    assert counted(system, "lost") >= 498 - WAITING_BYTES / 200_000 - 1

    async def is_left() -> bool:
        return not connected(system)

    await happened(is_left)
    nats_server.thaw()

    assert await until_delivered(bus, inbox, frame(500))


async def test_a_frozen_server_keeps_nobody_from_ending(
    nats_server: NatsServer, system: System
) -> None:
    """Closing the bus waits for no farewell, whatever is on its way, and leaves no task behind."""
    before = asyncio.all_tasks()
    bus = await NatsBus.open(BusConfig(url=nats_server.url), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)
    await delivered(bus, inbox, frame(1))
    nats_server.freeze()
    for position in range(2, 500):
        bus.publish(frame(position, size_bytes=200_000))

    async with asyncio.timeout(10):
        await inbox.aclose()
        await bus.aclose()

    async def are_gone() -> bool:
        return asyncio.all_tasks() <= before

    await happened(are_gone)
    assert asyncio.all_tasks() <= before


async def test_more_than_the_server_takes_is_lost_not_kept(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """A burst beyond the bound is lost in part, and the subscriber is told how far the log is."""
    bus, inbox = await listening(open_bus, nats_server)
    before = counted(system, "lost")
    for position in range(2, WAITING_FRAMES + 1000):
        bus.publish(newer(position))
    assert counted(system, "lost") - before >= 998 - 1

    found = await received(inbox, lambda it: it is not None and it.position == WAITING_FRAMES + 999)
    assert found == newer(WAITING_FRAMES + 999).as_reference()


async def test_a_slow_reader_holds_no_more_than_its_limit(
    nats_server: NatsServer, open_bus: Open, system: System
) -> None:
    """While nobody receives, thousands of frames come and go; then it hears None and goes on."""
    publisher, other = await open_bus(nats_server.url), await open_bus(nats_server.url)
    inbox = await other.subscribe("order", "saga", limit_frames=8)
    await delivered(publisher, inbox, frame(1))
    for start in range(2, 5002, 500):
        for position in range(start, start + 500):
            publisher.publish(frame(position))

        async def are_taken(upto: int = start + 499) -> bool:
            return counted(system, "published") >= upto

        await happened(are_taken)

    async with asyncio.timeout(10):
        assert await inbox.receive() is None
    assert await until_delivered(publisher, inbox, frame(6000))


async def test_the_reason_of_a_loss_is_logged_once(
    nats_server: NatsServer, open_bus: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """However long the server is away and however much is published."""
    caplog.set_level(logging.INFO)
    bus, inbox = await listening(open_bus, nats_server)
    await asyncio.to_thread(nats_server.kill)
    for position in range(2, 50):
        bus.publish(frame(position))
    await asyncio.to_thread(nats_server.start)
    await until_delivered(bus, inbox, frame(50))

    lines = [it.getMessage() for it in caplog.records if it.name == "angzarr.bus"]
    assert lines.count("bus.connected") == 2
    assert 1 <= lines.count("bus.frame_lost") <= 3
    assert 1 <= lines.count("bus.lost") <= 3
