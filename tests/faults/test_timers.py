"""A timer fires exactly once, wherever its coordinator dies (contract.md §4.7)."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.process_manager_pb2 import (
    ProcessManagerHandleRequest,
    ProcessManagerHandleResponse,
    ProcessTimeout,
)
from angzarr.types_pb2 import CommandBook, EventPage

from .process import endpoints, until
from .single import NOWHERE, Clients, Component, logic
from .stores import dump, rows

PROCESSES = 3
AT_ONCE = 3
KILLED = -9
DEATHS = (
    *((f"Q{number}", 2) for number in (1, 3, 4, 5, 6, 7, 8, 10, 11, 15)),
    *((f"Q{number}", 1) for number in (2, 12, 14, 15)),
    *((f"K{number}", 3) for number in (6, 7, 8, 9, 10, 12, 13, 14)),
)
POSITIONS = "SELECT domain, position FROM subscriptions ORDER BY domain"
TIMERS = "SELECT count(*) FROM timers"
DUE = "SELECT count(*) FROM reactions WHERE state IN ('owed', 'due', 'parked')"

pytestmark = pytest.mark.timeout(600)


class ProcessLogic(grpc.GenericRpcHandler):
    """Arms a timer for each order; when it fires, the stock hears of it, or refuses to."""

    def __init__(self, name: str) -> None:
        self._name = name

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        if handler_call_details.method != "/angzarr.ProcessManager/Handle":
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._handle,
            ProcessManagerHandleRequest.FromString,
            lambda reply: reply.SerializeToString(),
        )

    async def _handle(
        self, request: ProcessManagerHandleRequest, _context: Any
    ) -> ProcessManagerHandleResponse:
        event, response = request.trigger.pages[-1].event, ProcessManagerHandleResponse()
        if not event.Is(ProcessTimeout.DESCRIPTOR):
            response.process_events.pages.add().event.CopyFrom(event)
            response.timers.add(timer_type="pay").after.FromMilliseconds(200)
            return response
        known = StringValue.FromString(request.process_state.pages[0].event.value).value
        word = "refuse" if known.endswith("-2") else "add"
        told = StringValue(value=f"{word} {self._name} {known}")
        root = uuid.uuid5(uuid.NAMESPACE_OID, told.value)
        response.commands.append(CommandBook.to("stock", root, told))
        return response


@asynccontextmanager
async def watching(part: Component) -> AsyncIterator[None]:
    """Serve the logic of a process manager."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((ProcessLogic(part.name),))
    server.add_insecure_port(f"unix:{part.logic}")
    await server.start()
    try:
        yield
    finally:
        await server.stop(None)


async def dies(directory: Path, places: dict[str, str], death: tuple[str, int]) -> None:
    """One death of a process manager, and everything after it."""
    point, passage = death
    name = f"watch-{point.lower()}-{passage}"
    part = Component(
        directory,
        "process_manager",
        name,
        endpoints({**places, name: f"unix:{directory / name}.sock"}),
        '--component.inputs=["order"]',
        "--component.compensation.fallback.emit=false",
        bus="channel",
        planted="-",
    )
    async with watching(part):
        try:
            await part.use(f"kill:{point}:{passage}").start()
            assert await part.ended() == KILLED, f"{death}: {part.output}"
            await part.use(NOWHERE).start()

            async def is_done() -> bool:
                assert part.is_running, f"{death}: {part.output}"
                events = len(dump(part.database, part.name).events)
                reached = {part.name: events, "order": PROCESSES}
                return (
                    events == 2 * PROCESSES
                    and {row[0]: row[1] for row in rows(part.database, POSITIONS)} == reached
                    and rows(part.database, DUE) == [(0,)]
                )

            try:
                await until(is_done)
            except TimeoutError:
                pytest.fail(f"{death}: not done\n{part.output}")
        finally:
            await part.end()
    check(part, death)


def check(part: Component, death: tuple[str, int]) -> None:
    """Each process has one order and one timeout, in this order; no timer is left."""
    streams: dict[bytes, list[str]] = {}
    for event in dump(part.database, part.name).events:
        page = EventPage.FromString(event.page or b"")
        streams.setdefault(event.key.root, []).append(page.type_name)

    assert len(streams) == PROCESSES, death
    for names in streams.values():
        assert names == ["google.protobuf.StringValue", "angzarr.ProcessTimeout"], death
    assert rows(part.database, TIMERS) == [(0,)], death


async def test_a_timer_fires_once_wherever_its_coordinator_dies(scratch: Path) -> None:
    """Its event is stored once, and its command has one effect."""
    order = Component(scratch, "aggregate", "order", planted="-")
    stock = Component(scratch, "aggregate", "stock", planted="-")
    places = {"order": order.address, "stock": stock.address}
    slots = asyncio.Semaphore(AT_ONCE)

    async def trial(death: tuple[str, int]) -> None:
        async with slots:
            await dies(scratch, places, death)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(logic("aggregate", order.logic, stock.logic))
        for it in (order, stock):
            await it.start()
            stack.push_async_callback(it.end)
        await Clients(order.address).run(1, PROCESSES)
        async with asyncio.TaskGroup() as group:
            for death in DEATHS:
                group.create_task(trial(death))

    effects = Counter(event.page for event in dump(stock.database, "stock").events)
    assert len(effects) == effects.total() == len(DEATHS) * (PROCESSES - 1)
