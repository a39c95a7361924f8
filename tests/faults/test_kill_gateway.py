"""S4: a gateway that dies at each of its points; it holds nothing, so nothing can be lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr.feed_pb2 import FeedBatch, FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.gateway_pb2_grpc import CommandGatewayStub

from .checks import log_faults
from .process import endpoints
from .single import FAST, KILLED, NOWHERE, UNSETTLED, Clients, Component, command, dies, logic
from .stores import dump

CLIENTS = 4
EVENTS = 5

pytestmark = pytest.mark.timeout(600)


def execute(channel: grpc.aio.Channel) -> Any:
    """Return the call that gives a command to the gateway."""
    return CommandGatewayStub(channel).Execute


@asynccontextmanager
async def gateway(scratch: Path, planted: str) -> AsyncIterator[tuple[Component, Component]]:
    """Run one aggregate; yield it and a gateway that is to be started."""
    order = Component(scratch, "aggregate", "order", planted=planted)
    places = endpoints({"order": order.address})
    made = Component(scratch, "gateway", "gateway", places, planted=planted)
    async with logic("aggregate", order.logic):
        await order.start()
        try:
            yield order, made
        finally:
            await made.end()
            await order.end()


async def test_a_gateway_dies_under_load(scratch: Path, planted: str) -> None:
    """What was acknowledged through it is there, the same id settles the rest at the next one."""
    async with gateway(scratch, planted) as (order, part):
        clients = Clients(part.address, call=execute)
        async with clients.working(CLIENTS):
            await dies(part, ["kill:G1:4", "kill:G2:4", "kill:G3:4"])

    assert log_faults(order.database, clients.positions) == []
    print("SIGKILL x gateway: G1 1, G2 1, G3 1")  # noqa: T201 - the count matrix


@pytest.mark.parametrize(("point", "stored"), [("G1", 1), ("G2", 1), ("G3", 2)])
async def test_the_same_id_settles_what_a_dead_gateway_left(
    scratch: Path, planted: str, point: str, stored: int
) -> None:
    """The sender knows nothing; the command is stored once, whether it was before or not."""
    book = command("order", 1, 0)
    async with gateway(scratch, planted) as (order, part):
        earlier = Clients(order.address)
        await earlier.run(2, 1)
        await part.use(f"kill:{point}:1").start()
        async with grpc.aio.insecure_channel(part.address, options=FAST) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await execute(channel)(book, timeout=20, wait_for_ready=True)
            assert (caught.value.code() in UNSETTLED, await part.ended()) == (True, KILLED)
            before = len(dump(order.database, "order").events)
            await part.use(NOWHERE).start()
            answer = await execute(channel)(book, timeout=20, wait_for_ready=True)

    assert (before, answer.position) == (stored, 2)
    assert log_faults(order.database, {**earlier.positions, book.command_id: 2}) == []


async def test_a_stream_goes_on_at_the_next_gateway(scratch: Path, planted: str) -> None:
    """A reader whose gateway dies in the middle asks for what is behind its last position."""
    read: list[int] = []

    async def read_on(stub: Any) -> None:
        request = FeedRequest(domain="order", after_position=len(read), max_pages=1, follow=True)
        async for batch in stub(request, timeout=20, wait_for_ready=True):
            read.extend(positions(batch))
            if len(read) >= EVENTS:
                return

    async with gateway(scratch, planted) as (order, part):
        clients = Clients(order.address)
        await clients.run(1, EVENTS)
        await part.use("kill:G4:2").start()
        async with grpc.aio.insecure_channel(part.address, options=FAST) as channel:
            stub = EventFeedStub(channel).Read
            with pytest.raises(grpc.aio.AioRpcError):
                await read_on(stub)
            assert (await part.ended(), len(read) < EVENTS) == (KILLED, True)
            await part.use(NOWHERE).start()
            async with asyncio.timeout(30):
                await read_on(stub)

    assert read == list(range(1, EVENTS + 1))
    print("SIGKILL x gateway: G4 1")  # noqa: T201 - the count matrix


def positions(batch: FeedBatch) -> list[int]:
    """Return the positions of a batch."""
    return [page.position for book in batch.books for page in book.pages]
