"""The gateway stops without dropping what it has begun (contract.md §4.0, §1.4)."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub

from .foreign import Client, command, failure, query, refusal, refused, words
from .world import World

DRAINING = refusal("UNAVAILABLE", "Not ready: draining", "NOT_READY")


async def is_draining(client: Client) -> bool:
    """Say whether the health of a process has gone."""
    stub = health_pb2_grpc.HealthStub(client.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
    return bool(answer.status == health_pb2.HealthCheckResponse.NOT_SERVING)


async def test_a_draining_gateway_finishes_and_takes_nothing_new(world: World) -> None:
    """The command in flight gets its answer; commands and queries that come now are refused."""
    logic = world.logic["order"]
    async with asyncio.TaskGroup() as group:
        held = group.create_task(world.client.execute(command("hold")))
        await logic.called.wait()
        stopping = world.begin_stop("gateway")
        await world.until(lambda: is_draining(world.client))

        late = await refused(world.client.execute(command("late", root=bytes(16)), key="c-1"))
        asked = [
            await refused(world.client.ask(method, query(root=bytes(16))))
            for method in ("GetEventBook", "GetEvents")
        ]
        logic.released.set()

    assert late == DRAINING
    assert asked == [DRAINING] * 2
    assert words(held.result().events) == ["hold"]
    async with asyncio.timeout(5):
        await stopping


async def test_an_open_stream_ends_with_a_reason(world: World) -> None:
    """A follower of a log is told to come back with its position."""
    await world.client.execute(command("hello"))
    feed = EventFeedStub(world.client.channel).Read(FeedRequest(domain="order", follow=True))
    first = await feed.read()

    await world.stop("gateway")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await feed.read()

    assert first.last_position == 1
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details() == "Stream closed; resume with after_position"


async def test_what_does_not_finish_in_time_is_cut(empty_world: World) -> None:
    """The drain is bounded; the client learns that the connection was lost."""
    await empty_world.start_logic("order")
    await empty_world.start_coordinator("order")
    await empty_world.start_gateway("--shutdown.drain_seconds=0.1")
    async with asyncio.TaskGroup() as group:
        held = group.create_task(failure(empty_world.client.execute(command("hang"))))
        await empty_world.logic["order"].called.wait()
        await empty_world.stop("gateway")

    assert held.result().code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


async def test_a_gateway_starts_again_at_its_address(world: World) -> None:
    """Nothing is kept in it, so the next one continues where it stopped."""
    await world.client.execute(command("first"))
    await world.stop("gateway")

    await world.start_gateway()
    client = world.another_client(world.gateway_address)
    response = await client.execute(command("second", sequence=1))

    assert words(response.events) == ["second"]


async def test_the_refusal_of_a_draining_coordinator_passes_unchanged(empty_world: World) -> None:
    """The client decides when to come again; the command in flight gets its answer."""
    world = empty_world
    await world.start("--shutdown.drain_seconds=5")
    logic, own_port = world.logic["order"], world.direct("order")
    async with asyncio.TaskGroup() as group:
        held = group.create_task(world.client.execute(command("hold"), key="c-1"))
        await logic.called.wait()
        stopping = world.begin_stop("order")
        await world.until(lambda: is_draining(own_port))

        late = await refused(world.client.execute(command("late", root=bytes(16)), key="c-2"))
        logic.released.set()

    assert late == DRAINING
    assert words(held.result().events) == ["hold"]
    async with asyncio.timeout(5):
        await stopping
