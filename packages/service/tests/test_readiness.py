"""A process is ready while every condition holds."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angzarr_ports import System, SystemClock, real_system
from angzarr_service import (
    Channels,
    PeerHealth,
    UnhealthyError,
)
from angzarr_telemetry import Readiness


class QuickClock(SystemClock):
    """A clock on which probes come a hundred times faster."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a hundredth of `seconds`."""
        await super().sleep(seconds / 100)


class Told:
    """What was published."""

    def __init__(self) -> None:
        self.said: list[bool] = []
        self.changed = asyncio.Event()

    async def publish(self, ready: bool) -> None:  # noqa: FBT001 - the one parameter of a callback
        """Remember it."""
        self.said.append(ready)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was said is as it should be."""
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def quick() -> Any:
    """Return ports with a quick clock."""
    system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
    yield replace(system, clock=QuickClock())
    await system.tasks.aclose()


async def test_nothing_is_ready_before_the_start_is_over(quick: System) -> None:
    """Conditions that hold do not make a process ready as long as it starts."""
    told = Told()
    readiness = Readiness(told.publish, quick)
    await readiness.set("store", "")
    await readiness.set("log of order", "not read yet")

    assert told.said == [False]
    assert set(readiness.faults) == {"start", "log of order"}
    await readiness.started()
    await readiness.set("log of order", "")
    assert told.said == [False, True]


async def test_what_nobody_has_told_of_does_not_hold(quick: System) -> None:
    """A start that leaves a condition to others is over only when they say that it holds."""
    told = Told()
    readiness = Readiness(told.publish, quick)

    await readiness.started("log of order")
    assert told.said == [False]

    await readiness.set("log of order", "")
    assert told.said == [False, True]


async def test_a_probe_that_fails_takes_the_readiness_until_it_succeeds(quick: System) -> None:
    """Whatever it raises is the fault; a probe that hangs has no answer."""
    told, faults = Told(), [""]

    async def probe() -> None:
        if faults[0] == "hang":
            await asyncio.Event().wait()
        if faults[0]:
            raise ValueError(faults[0])

    readiness = Readiness(told.publish, quick)
    await readiness.watch("store", probe)
    await readiness.started()
    assert told.said == [False, True]
    faults[0] = "no disk"
    await told.until(lambda: told.said[-1] is False)
    assert readiness.faults == {"store": "ValueError: no disk"}
    faults[0] = ""

    await told.until(lambda: told.said == [False, True, False, True])


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # an untyped base of generated code
    """A foreign health service."""

    def __init__(self) -> None:
        self.answer: grpc.StatusCode | int = health_pb2.HealthCheckResponse.SERVING

    async def Check(self, _: Any, context: Any) -> health_pb2.HealthCheckResponse:  # noqa: N802 - the name on the wire
        """Answer as the test says."""
        if isinstance(self.answer, grpc.StatusCode):
            await context.abort(self.answer, "x")
        return health_pb2.HealthCheckResponse(status=self.answer)  # type: ignore[arg-type]  # a number


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        (health_pb2.HealthCheckResponse.SERVING, {"auto", "grpc", "connect"}),
        (health_pb2.HealthCheckResponse.NOT_SERVING, {"connect"}),
        (grpc.StatusCode.NOT_FOUND, {"auto", "connect"}),
        (grpc.StatusCode.UNIMPLEMENTED, {"auto", "connect"}),
        (grpc.StatusCode.INTERNAL, {"connect"}),
    ],
)
async def test_the_health_of_a_peer(place: Any, answer: Any, healthy: set[str]) -> None:
    """A peer without the health service is healthy when it accepts connections (auto)."""
    server, health, channels = grpc.aio.server(), Health(), Channels()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    server.add_insecure_port(f"unix:{place}/h.sock")
    await server.start()
    health.answer = answer
    peer, found = PeerHealth(f"unix:{place}/h.sock", channels), set()
    for how in ("auto", "grpc", "connect"):
        try:
            await peer.check(how)
        except UnhealthyError:
            continue
        found.add(how)
    answers = await peer.answers()
    await channels.aclose()
    await server.stop(None)

    assert (found, answers) == (healthy, True)


async def test_nobody_at_an_address_is_unhealthy(place: Any) -> None:
    """Neither a missing socket nor a closed port."""
    channels = Channels()
    for address in (f"unix:{place}/none.sock", "127.0.0.1:1"):
        peer = PeerHealth(address, channels)
        with pytest.raises(UnhealthyError):
            await peer.check("connect")
        assert not await peer.answers()
    await channels.aclose()
