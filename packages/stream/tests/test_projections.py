"""What projectors offer comes to who watches (contract.md §4.8)."""

import asyncio
from typing import Any

import grpc
import pytest

from angzarr.types_pb2 import EventBook, EventPage, EventStreamFilter
from angzarr_bus import Frame
from angzarr_service import RequestError
from angzarr_stream._projections import WAITING_BOOKS, Offered

from .owner import received

DOMAIN = "_projection.view.order"


def frame(text: str, flow: str = "flow") -> Frame:
    """Return a projection as it travels."""
    page = EventPage(num=4)
    page.event.type_url = text
    return Frame(
        domain=DOMAIN,
        epoch=0,
        edition="angzarr",
        root=bytes(16),
        sequence=4,
        position=0,
        count=1,
        command_id="",
        correlation_id=flow,
        pages=(page.SerializeToString(),),
    )


async def test_projections_are_watched_by_domain_and_by_workflow(world: Any) -> None:
    """In their own domain, with the root and the workflow of the event; events come beside them."""
    alone = await world.subscribed(EventStreamFilter(domain=DOMAIN))
    flow = await world.subscribed(EventStreamFilter(correlation_id="flow"))
    other = await world.subscribed(EventStreamFilter(correlation_id="other"))

    world.bus.publish(frame("too large").as_reference())
    world.bus.publish(frame("first"))
    world.bus.publish(frame("second", "other"))
    book = await alone.read()
    await world.owners["order"].append("flow", "event")

    assert (book.cover.domain, book.pages[0].num, book.pages[0].position) == (DOMAIN, 4, 0)
    assert await received(alone, 1) == ["second"]
    assert sorted(await received(flow, 2)) == ["event", "first"]
    assert await received(other, 1) == ["second"]


async def test_projections_have_no_positions(world: Any) -> None:
    """They cannot be replayed, and who asks for it is told."""
    call = world.stub.Subscribe(EventStreamFilter(domain=DOMAIN, after_position=0))

    with pytest.raises(grpc.aio.AioRpcError, match=f"Domain {DOMAIN} has no positions"):
        async with asyncio.timeout(10):
            await call.read()


async def test_who_does_not_take_them_is_sent_away() -> None:
    """What waits is bounded; nothing is left out silently."""
    woken: list[int] = []
    offered = Offered(EventStreamFilter(correlation_id="flow"), lambda: woken.append(1))
    book = EventBook()
    book.cover.correlation_id = "flow"
    for _ in range(WAITING_BOOKS + 1):
        offered.offer(book)

    found: list[EventBook] = []

    async def drain() -> None:
        async for it in offered.take():
            found.append(it)  # noqa: PERF401 - what came before the end is kept

    with pytest.raises(RequestError, match="Stream closed"):
        await drain()
    assert (len(found), len(woken)) == (WAITING_BOOKS, WAITING_BOOKS + 1)
