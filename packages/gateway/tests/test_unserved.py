"""What this release does not serve says so (contract.md §1.3), and what it serves is healthy."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from .foreign import Client, encoded, failure
from .world import World

SERVING, NOT_SERVING = (
    health_pb2.HealthCheckResponse.SERVING,
    health_pb2.HealthCheckResponse.NOT_SERVING,
)


@pytest.mark.parametrize(
    "method",
    [
        "AggregateCoordinator/Handle",
        "AggregateCoordinator/HandleSync",
        "AggregateCoordinator/DryRunHandle",
        "Progress/Await",
        "Nothing/AtAll",
    ],
)
async def test_what_is_not_served_is_unimplemented(client: Client, method: str) -> None:
    """Never a wrong answer, never a hanging call."""
    invoke = client.channel.unary_unary(f"/angzarr.{method}", encoded)

    error = await failure(invoke(b"", timeout=10))

    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    "service",
    [
        "",
        "angzarr.CommandGateway",
        "angzarr.EventFeed",
        "angzarr.EventQuery",
        "angzarr.EventStream",
    ],
)
async def test_every_served_service_has_a_health(client: Client, service: str) -> None:
    """A foreign probe knows the standard protocol only."""
    stub = health_pb2_grpc.HealthStub(client.channel)

    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)

    assert answer.status == SERVING


async def test_an_unknown_service_has_no_health(client: Client) -> None:
    """NOT_FOUND, as the standard protocol has it."""
    stub = health_pb2_grpc.HealthStub(client.channel)

    error = await failure(stub.Check(health_pb2.HealthCheckRequest(service="x"), timeout=10))

    assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_the_gateway_is_healthy_without_coordinators(empty_world: World) -> None:
    """A restart of the gateway would not bring them back."""
    await empty_world.start_gateway()
    stub = health_pb2_grpc.HealthStub(empty_world.client.channel)

    answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)

    assert answer.status == SERVING
