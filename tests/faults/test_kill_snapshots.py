"""S4: a coordinator that dies while it keeps what logic says that a root is."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from typing_extensions import override

from angzarr.types_pb2 import BusinessResponse, ContextualCommand, EventPage

from .checks import log_faults
from .single import KILLED, NOWHERE, Clients, Component, ended
from .stores import dump, rows

DEATHS = ("kill:K15:1", "kill:K15:1")
COMMANDS, ROOT = 130, 1
SNAPSHOT = "SELECT sequence, state FROM snapshots WHERE domain = ?"

pytestmark = pytest.mark.timeout(300)


class Counting(grpc.GenericRpcHandler):
    """An aggregate whose state is how many events it has had; each event says that number."""

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        if handler_call_details.method != "/angzarr.Aggregate/Handle":
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._handle, ContextualCommand.FromString, lambda reply: reply.SerializeToString()
        )

    async def _handle(self, request: ContextualCommand, _: Any) -> BusinessResponse:
        count = Int64Value()
        request.events.snapshot.state.Unpack(count)
        count.value += len(request.events.pages)
        response = BusinessResponse()
        page = response.events.pages.add()
        page.event.Pack(StringValue(value=str(count.value)))
        count.value += 1
        response.events.snapshot_state.Pack(count)
        return response


async def test_a_coordinator_dies_before_it_keeps_a_snapshot(scratch: Path, planted: str) -> None:
    """Nothing acknowledged is lost; what logic is shown later adds up to what was stored."""
    order = Component(scratch, "aggregate", "order", planted=planted)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((Counting(),))
    server.add_insecure_port(f"unix:{order.logic}")
    await server.start()
    clients = Clients(order.address)
    try:
        await order.use(DEATHS[0]).start()
        async with asyncio.TaskGroup() as group:
            group.create_task(clients.run(ROOT, COMMANDS))
            for death, following in zip(DEATHS, (*DEATHS[1:], NOWHERE), strict=True):
                assert await ended(order, death) == KILLED, order.output
                await order.use(following).start()
    finally:
        await order.end()
        await server.stop(None)

    assert log_faults(order.database, clients.positions) == []
    assert [said(it.page or b"") for it in dump(order.database, "order").events] == [
        str(number) for number in range(COMMANDS)
    ]
    ((sequence, state),) = rows(order.database, SNAPSHOT, "order")
    assert Int64Value.FromString(AnyMessage.FromString(state).value).value == sequence + 1


def said(page: bytes) -> str:
    """Return the number that an event says."""
    return StringValue.FromString(EventPage.FromString(page).event.value).value
