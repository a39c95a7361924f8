"""No fault point is dead: a normal run of its component passes it."""

import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import grpc
import pytest

from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.gateway_pb2_grpc import CommandGatewayStub

from .points import ELSEWHERE, PASSED
from .process import endpoints, until
from .single import FAST, SCRIPT, Clients, Component, command, logic, settle
from .system import System

SPEC = {"K": 15, "Q": 15, "F": 5, "G": 4, "V": 5}


def passed(path: Path) -> set[str]:
    """Return the points that were written to a file."""
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def test_the_table_is_whole() -> None:
    """Every point of the specification has a component, or a reason to have none."""
    named = {point for points in PASSED.values() for point in points} | set(ELSEWHERE)

    assert named == {f"{kind}{at}" for kind, last in SPEC.items() for at in range(1, last + 1)}


def _dead(record: Mapping[str, Path]) -> list[tuple[str, str]]:
    """Return component and point of each that was not passed."""
    return [
        (kind, point)
        for kind, path in record.items()
        for point in PASSED[kind]
        if point not in passed(path)
    ]


@pytest.mark.timeout(90)
async def test_coordinators_and_gateway_pass_their_points(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, a saga, a projector and a stream through the gateway reach each of them."""
    monkeypatch.setenv("JOURNAL", str(scratch / "journal.txt"))
    order = Component(scratch, "aggregate", "order", planted="-")
    stock = Component(scratch, "aggregate", "stock", planted="-")
    places = endpoints({"order": order.address, "stock": stock.address})
    inputs = '--component.inputs=["order"]'
    saga = Component(scratch, "saga", "saga-order-stock", places, inputs, planted="-")
    projector = Component(scratch, "projector", "projector-order", places, inputs, planted="-")
    gateway = Component(scratch, "gateway", "gateway", places, planted="-")
    parts = [order, stock, saga, projector, gateway]
    record = {part.program[2]: scratch / f"{part.name}.points" for part in reversed(parts)}

    async with contextlib.AsyncExitStack() as stack:
        for kind, parts_ in (
            ("aggregate", (order, stock)),
            ("saga", (saga,)),
            ("projector", (projector,)),
        ):
            await stack.enter_async_context(logic(kind, *(part.logic for part in parts_)))
        for part in parts:
            part.use(f"record:{scratch / part.name}.points")
            await part.start()
            stack.push_async_callback(part.end)
        async with grpc.aio.insecure_channel(gateway.address, options=FAST) as channel:
            await settle(CommandGatewayStub(channel).Execute, command("order", 2, 0))
            feed = EventFeedStub(channel).Read(FeedRequest(domain="order"), wait_for_ready=True)
            assert [batch async for batch in feed]
        clients = Clients(order.address)

        async def none_is_dead() -> bool:
            await clients.run(len(clients.positions) + 3, 1)
            return not _dead(record)

        with contextlib.suppress(TimeoutError):
            await until(none_is_dead)

        assert _dead(record) == []


@pytest.mark.timeout(120)
async def test_a_supervisor_passes_its_points(scratch: Path) -> None:
    """A start, a restart and a stop reach each of them."""
    path = scratch / "points.txt"
    system = System(scratch, program=(sys.executable, SCRIPT, "supervisor", f"record:{path}", "-"))
    try:
        await system.start()
        before = system.processes()["order"]
        os.kill(before.pid, signal.SIGKILL)
        await system.until(lambda: "V4" in passed(path), "restarted")
        assert await system.stop() == 0
    finally:
        await system.aclose()

    assert passed(path) >= set(PASSED["supervisor"])
