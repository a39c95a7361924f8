"""What lies in the streams, and what becomes of a bus that lost them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from angzarr_bus_conformance import delivered, frame
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


async def kept(jetstream: JetStreamContext, stream: str = "angzarr-order") -> int:
    """Return how many messages a stream holds, 0 without one."""
    with suppress(NotFoundError):
        return (await jetstream.stream_info(stream)).state.messages
    return 0


async def test_a_domain_has_one_bounded_stream(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """Its subject is the root's, it keeps little for a short time, and nobody deletes from it."""
    bus = await open_bus(nats_server.url)
    inbox = await bus.subscribe("angzarr.saga-failures", "saga", limit_frames=4)
    await delivered(bus, inbox, frame(1, domain="angzarr.saga-failures"))

    found = (await jetstream.stream_info("angzarr-angzarr=saga-failures")).config

    assert found.subjects == ["angzarr.angzarr=saga-failures.>"]
    assert 0 < (found.max_age or 0) <= 300
    assert (found.max_bytes or 0) > 0
    assert (found.max_msgs or 0) > 0
    assert (found.deny_delete, found.deny_purge) == (True, True)
    last = await jetstream.get_msg("angzarr-angzarr=saga-failures", 1)
    assert last.subject == f"angzarr.angzarr=saga-failures.{bytes(16).hex()}"


async def test_a_repeat_is_dropped_by_its_identity(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """Two publishers of one append make one message; another epoch or a wake makes another."""
    buses = [await open_bus(nats_server.url) for _ in range(2)]
    wake = replace(frame(1), count=0, pages=())
    unlogged = replace(frame(1), position=0)
    for bus in buses:
        for sent in (frame(1), replace(frame(1), epoch=2), frame(2), wake, unlogged):
            bus.publish(sent)

    async def all_came() -> bool:
        return await kept(jetstream) >= 7

    await happened(all_came)
    inbox = await buses[0].subscribe("order", "saga", limit_frames=64)
    await delivered(buses[0], inbox, frame(3))
    assert await kept(jetstream) == 8


async def test_what_exceeds_the_limit_of_the_server_is_a_reference(
    make_nats_server: Callable[..., NatsServer], open_bus: Open, system: System
) -> None:
    """A page that fits arrives whole; with the next byte it arrives without its pages."""
    server = await asyncio.to_thread(make_nats_server, "max_payload: 4096")
    bus = await open_bus(server.url)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    whole = await until_delivered(bus, inbox, frame(1, size_bytes=3000))
    cut = await until_delivered(bus, inbox, frame(2, size_bytes=4000))
    large = await until_delivered(bus, inbox, frame(3, size_bytes=3_000_000))

    assert whole == frame(1, size_bytes=3000)
    assert cut == frame(2).as_reference()
    assert large == frame(3).as_reference()
    assert counted(system, "lost") == 0


async def test_wiped_data_comes_back_as_empty_streams(
    nats_server: NatsServer, open_bus: Open
) -> None:
    """After the data directory is gone the subscriber is told to read the feed, and goes on."""
    publisher, other = await open_bus(nats_server.url), await open_bus(nats_server.url)
    inbox = await other.subscribe("order", "saga", limit_frames=1024)
    await delivered(publisher, inbox, frame(1))
    await asyncio.to_thread(nats_server.kill)
    await asyncio.to_thread(nats_server.wipe)
    publisher.publish(frame(2))
    await asyncio.to_thread(nats_server.start)
    await behind(inbox)

    assert await until_delivered(publisher, inbox, frame(3))
    assert await until_delivered(publisher, inbox, frame(4))


async def test_a_stream_that_is_deleted_meanwhile_comes_back(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """On an unbroken connection it is made again, and its subscribers are told to read."""
    bus, inbox = await listening(open_bus, nats_server, limit_frames=1024)
    await jetstream.delete_stream("angzarr-order")
    await behind(inbox)

    assert await until_delivered(bus, inbox, frame(2))


async def test_a_frame_that_was_lost_is_followed_by_its_reference(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """The last one is told again without another append, so that nobody waits for the poll."""
    bus, _inbox = await listening(open_bus, nats_server, limit_frames=1024)
    await jetstream.delete_stream("angzarr-order")
    for position in range(2, 10):
        bus.publish(newer(position))

    assert await until_last(jetstream, newer(9))


async def test_a_stream_of_another_version_is_brought_up_to_date(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """What differs is updated in place; what it holds is kept."""
    await jetstream.add_stream(name="angzarr-order", subjects=["angzarr.order.>"])
    await jetstream.publish("angzarr.order.old", b"no frame")
    await listening(open_bus, nats_server, limit_frames=4)

    found = await jetstream.stream_info("angzarr-order")

    assert (found.config.max_age, found.state.messages) == (300, 2)


async def test_what_is_no_frame_costs_itself(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext
) -> None:
    """Foreign bytes in a stream are said to be lost; frames behind them arrive."""
    bus, inbox = await listening(open_bus, nats_server)
    await jetstream.publish("angzarr.order.x", b"no frame")

    await behind(inbox)
    assert (await delivered(bus, inbox, frame(2))).domain == "order"


async def test_a_new_subscriber_gets_nothing_old(nats_server: NatsServer, open_bus: Open) -> None:
    """Of a stream that is there it gets what comes from now on."""
    bus = await open_bus(nats_server.url)
    first = await bus.subscribe("order", "a", limit_frames=1024)
    for position in range(1, 6):
        await delivered(bus, first, frame(position))
    late = await bus.subscribe("order", "b", limit_frames=1024)

    assert (await delivered(bus, late, frame(6))).position == 6


async def test_a_subscriber_who_is_first_misses_nothing(
    nats_server: NatsServer, open_bus: Open
) -> None:
    """Whoever subscribed before there was a stream gets all that it ever held."""
    publisher, other = await open_bus(nats_server.url), await open_bus(nats_server.url)
    inbox = await other.subscribe("order", "saga", limit_frames=1024)
    for position in range(1, 6):
        publisher.publish(frame(position))

    found = [await received(inbox, lambda it: it is not None) for _ in range(5)]

    assert found == [frame(position) for position in range(1, 6)]


async def test_every_replica_of_a_subscriber_hears_every_frame(
    nats_server: NatsServer, open_bus: Open
) -> None:
    """Replicas share a consumer and take nothing from each other."""
    buses = [await open_bus(nats_server.url) for _ in range(3)]
    inboxes = [await bus.subscribe("order", "saga", limit_frames=4096) for bus in buses[1:]]
    for inbox in inboxes:
        await delivered(buses[0], inbox, frame(1))
    for position in range(2, 1000):
        buses[0].publish(newer(position))

    for inbox in inboxes:
        found = [
            await received(inbox, lambda it: it is not None and it.position > 1)
            for _ in range(2, 1000)
        ]
        assert found == [newer(position) for position in range(2, 1000)]


@pytest.mark.parametrize("name", ["a.b>", "*", "a b", ">", "", "a\r\nPUB x 0"])
async def test_no_name_reaches_beyond_its_stream(
    nats_server: NatsServer, open_bus: Open, jetstream: JetStreamContext, name: str
) -> None:
    """What is no name is refused to a subscriber and lost to a publisher, who goes on."""
    bus = await open_bus(nats_server.url)
    inbox = await bus.subscribe("order", "saga", limit_frames=4)
    for domain, subscriber in ((name, "saga"), ("order", name)):
        with pytest.raises(Exception, match="it is no name"):
            await bus.subscribe(domain, subscriber, limit_frames=4)
    bus.publish(frame(1, domain=name))
    await delivered(bus, inbox, frame(2))

    assert [it.config.name for it in await jetstream.streams_info()] == ["angzarr-order"]
