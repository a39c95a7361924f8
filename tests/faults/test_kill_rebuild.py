"""S4: a projector's coordinator that dies at every step of a rebuild and a switch."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.rebuild_pb2 import BeginRebuildRequest, RebuildRequest
from angzarr.rebuild_pb2_grpc import ProjectorRebuildStub
from angzarr.types_pb2 import CommandBook

from .adversary import Adversary
from .process import endpoints, until
from .single import FAST, KILLED, NOWHERE, Component, ended
from .subscribing import NAMES, Reply, SubscriberLogic

NAME = NAMES["projector"]
ROOTS = [bytes([number]) * 16 for number in range(3)]
EVENTS = 12
DEATHS = ("Q16:1", "Q16:1", "Q16:1", "Q17:1", "Q16:1", "Q16:1")
SPECULATIVE = ("x-angzarr-speculative", "true")

pytestmark = pytest.mark.timeout(600)


class CountingLogic(SubscriberLogic):
    """Counts what it is shown for everybody to see."""

    def __init__(self, path: Path) -> None:
        super().__init__("projector", path, {})
        self.effects: list[str] = []

    @override
    async def _handle(self, request: Any, context: Any) -> Reply:
        if SPECULATIVE not in tuple(context.invocation_metadata()):
            self.effects.append(StringValue.FromString(request.pages[0].event.value).value)
        return await super()._handle(request, context)


async def test_a_rebuild_survives_a_death_at_every_step(scratch: Path, planted: str) -> None:
    """Whoever starts goes on; at the end one version has everything, and nothing was done twice."""
    order = Component(scratch, "aggregate", "order", planted=planted)
    part = Component(
        scratch,
        "projector",
        NAME,
        '--component.inputs=["order"]',
        "--component.speculative=true",
        endpoints({"order": order.address}),
        planted=planted,
    )
    logic, good = CountingLogic(part.logic), Adversary(order.logic, is_honest=True)
    await logic.start()
    await good.start()
    await order.start()
    try:
        await _orders(order.address)
        await part.use(f"kill:{DEATHS[0]}").start()
        await until(lambda: _has(part.database, NAME))
        for death, following in zip(DEATHS, (*DEATHS[1:], NOWHERE), strict=True):
            await _die(part, death)
            await part.use(following if following == NOWHERE else f"kill:{following}").start()
        await until(lambda: _has(part.database, f"{NAME}~1"))
        left = _subscribers(part.database)
    finally:
        await part.end()
        await order.end()
        await good.stop()
        await logic.stop()

    assert sorted(logic.effects) == sorted(f"{number}" for number in range(EVENTS))
    assert left == {f"{NAME}~1", f"{NAME}~versions"}


async def _orders(address: str) -> None:
    async with grpc.aio.insecure_channel(address, options=FAST) as channel:
        for number in range(EVENTS):
            root, word = ROOTS[number % 3], StringValue(value=f"{number}")
            book = CommandBook.to("order", root, word, sequence=number // 3)
            handle = AggregateCoordinatorStub(channel).Handle
            await handle(book, timeout=60, wait_for_ready=True)


async def _die(part: Component, death: str) -> None:
    """Ask for a rebuild, then for the switch, until the coordinator dies of it."""
    async with grpc.aio.insecure_channel(part.address, options=FAST) as channel:
        stub, mine = ProjectorRebuildStub(channel), RebuildRequest(component=NAME)

        async def is_dead() -> bool:
            with suppress(grpc.aio.AioRpcError):
                await stub.Begin(BeginRebuildRequest(component=NAME), timeout=5)
                if (await stub.Get(mine, timeout=5)).done >= EVENTS:
                    await stub.Switch(mine, timeout=5)
            return not part.is_running

        await until(is_dead)
    assert await ended(part, death) == KILLED, f"{death}: {part.output}"


async def _has(database: Path, name: str) -> bool:
    """Say whether a version has everything, durably."""
    try:
        rows = _rows(database, "SELECT position FROM subscriptions WHERE subscriber = ?", name)
    except sqlite3.OperationalError:  # its tables are not made yet
        return False
    return rows == [(EVENTS,)]


def _subscribers(database: Path) -> set[str]:
    return {name for (name,) in _rows(database, "SELECT subscriber FROM subscriptions")}


def _rows(database: Path, query: str, *values: object) -> list[Any]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(query, values).fetchall()
