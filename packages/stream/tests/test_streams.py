"""Every append that a caller asks for, once, in order (contract.md §4.9)."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr.types_pb2 import UUID, EventStreamFilter

from .owner import received


async def refusal(call: Any) -> tuple[str, str]:
    """Return code and text of a stream that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(10):
            await call.read()
    return caught.value.code().name, str(caught.value.details())


async def test_a_workflow_is_seen_in_every_domain(world: Any) -> None:
    """What has its correlation id comes, whole appends, and nothing from before."""
    order, stock = world.owners["order"], world.owners["stock"]
    await order.append("flow", "before")
    call = await world.subscribed(EventStreamFilter(correlation_id="flow"))

    await order.append("other", "foreign")
    await order.append("flow", "one", "two")
    first = await received(call, 1)
    await stock.append("flow", "three")

    assert first + await received(call, 1) == ["one+two", "three"]


async def test_a_log_is_replayed_from_a_position(world: Any) -> None:
    """From 0 everything comes, then what is new, in the order of positions."""
    order = world.owners["order"]
    for text in ("one", "two", "three"):
        await order.append("", text)
    whole = await world.subscribed(EventStreamFilter(domain="order", after_position=0))
    rest = await world.subscribed(EventStreamFilter(domain="order", after_position=2))

    found = await received(whole, 3)
    await order.append("", "four")

    assert found + await received(whole, 1) == ["one", "two", "three", "four"]
    assert await received(rest, 2) == ["three", "four"]


async def test_every_filter_leaves_out_what_it_does_not_name(world: Any) -> None:
    """A root and an edition are seen alone; without an edition every timeline is."""
    order = world.owners["order"]
    root = UUID(value=(7).to_bytes(8, "big") + (2).to_bytes(8, "big"))
    wanted = [
        EventStreamFilter(domain="order", root=root),
        EventStreamFilter(domain="order", edition="what-if"),
        EventStreamFilter(domain="order"),
    ]
    calls = [await world.subscribed(it) for it in wanted]

    await order.append("", "one")
    await order.append("", "two", root=7)
    await order.append("", "three", edition="what-if")

    assert [await received(it, 1) for it in calls[:2]] == [["two"], ["three"]]
    assert await received(calls[2], 3) == ["one", "two", "three"]


async def test_n7_a_slow_reader_misses_nothing(world: Any) -> None:
    """Whoever reads nothing while much is appended gets all of it from the feed, once."""
    order = world.owners["order"]
    call = await world.subscribed(EventStreamFilter(domain="order"))
    texts = [f"event {number}" for number in range(300)]
    for text in texts:
        await order.append("", text, size=20_000)

    found = await received(call, 300)
    await order.append("", "last")

    assert found == texts
    assert await received(call, 1) == ["last"]


async def test_a_stream_outlives_the_owner_of_a_log(world: Any) -> None:
    """While a coordinator is gone its streams wait; they go on where they were."""
    order = world.owners["order"]
    call = await world.subscribed(EventStreamFilter(domain="order"))
    await order.append("", "one")
    first = await received(call, 1)

    await order.stop()
    await order.append("", "two")
    await order.start()

    assert first + await received(call, 1) == ["one", "two"]


async def test_a_caller_that_leaves_does_not_disturb_others(world: Any) -> None:
    """A domain is followed for whoever stays, and again for whoever comes back."""
    order = world.owners["order"]
    calls = [await world.subscribed(EventStreamFilter(domain="order")) for _ in range(3)]
    calls[0].cancel()
    await order.append("", "one")
    found = [await received(it, 1) for it in calls[1:]]
    for call in calls:
        call.cancel()
    again = await world.subscribed(EventStreamFilter(domain="order"))
    await order.append("", "two")

    assert found == [["one"], ["one"]]
    assert await received(again, 1) == ["two"]


async def test_n10_every_replica_brings_everything(world: Any) -> None:
    """The audience is not split between replicas of the service."""
    order = world.owners["order"]
    wanted = EventStreamFilter(correlation_id="flow")
    calls = [await world.subscribed(wanted, it) for it in (world.stub, world.other_stub)]

    await order.append("flow", "one")
    await order.append("flow", "two")

    assert [await received(it, 2) for it in calls] == [["one", "two"]] * 2


async def test_a_stream_ends_with_where_to_resume(world: Any) -> None:
    """When the service stops, every stream says that it can be resumed."""
    call = await world.subscribed(EventStreamFilter(domain="order"))
    world.stop.set()

    text = "Stream closed; resume with after_position"
    assert await refusal(call) == ("UNAVAILABLE", text)


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        (
            EventStreamFilter(),
            ("INVALID_ARGUMENT", "correlation_id is required for event stream subscription"),
        ),
        (
            EventStreamFilter(domain="cart"),
            ("NOT_FOUND", "No service registered for domain: cart"),
        ),
        (
            EventStreamFilter(domain="order", after_position=9),
            ("OUT_OF_RANGE", "Position 9 is past head 0 of domain order"),
        ),
    ],
)
async def test_what_cannot_be_watched_is_refused(
    world: Any, wanted: EventStreamFilter, answer: tuple[str, str]
) -> None:
    """A filter without meaning, a domain without owner, a position that is not there."""
    assert await refusal(world.stub.Subscribe(wanted)) == answer


@pytest.mark.parametrize("service", ["", "angzarr.EventStream", "angzarr.ProjectorCoordinator"])
async def test_the_service_is_healthy_by_each_of_its_names(world: Any, service: str) -> None:
    """A foreign probe asks for the projector that stands in its place (contract.md §1.4)."""
    stub = health_pb2_grpc.HealthStub(world.channels[0])

    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_a_silent_domain_is_no_omission(world: Any) -> None:
    """A workflow cannot be watched while one domain does not answer."""
    await world.owners["stock"].stop()

    answer = await refusal(world.stub.Subscribe(EventStreamFilter(correlation_id="flow")))

    await world.owners["stock"].start()
    assert answer == ("UNAVAILABLE", "Service for domain stock is unavailable")
