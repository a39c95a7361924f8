"""An upcaster of foreign make, on a real socket."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import EventBook
from angzarr.upcaster_pb2 import UpcastRequest, UpcastResponse
from angzarr.upcaster_pb2_grpc import UpcasterServicer, add_UpcasterServicer_to_server


class Foreign(UpcasterServicer):  # type: ignore[misc]  # an untyped base of generated code
    """Spells in capitals; `spoil` changes what it answers, `refuse` is the code it answers with."""

    def __init__(self) -> None:
        self.asked: list[UpcastRequest] = []
        self.spoil: Callable[[UpcastResponse], object] = lambda _: None
        self.refuse: grpc.StatusCode | None = None

    async def Upcast(self, request: UpcastRequest, context: Any) -> UpcastResponse:  # noqa: N802 - the name on the wire
        """Answer."""
        self.asked.append(request)
        if self.refuse is not None:
            await context.abort(self.refuse, "It knows no such version")
        response = UpcastResponse()
        for page in request.events:
            newest = StringValue.FromString(page.event.value).value.upper()
            response.events.add(num=page.num).event.Pack(StringValue(value=newest))
        self.spoil(response)
        return response


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def address(run_directory: Path) -> str:
    """Return where the upcaster listens."""
    return f"unix:{run_directory / 'upcaster.sock'}"


@pytest.fixture
async def foreign(address: str) -> AsyncIterator[Foreign]:
    """Serve a foreign upcaster."""
    made, server = Foreign(), grpc.aio.server()
    add_UpcasterServicer_to_server(made, server)
    server.add_insecure_port(address)
    await server.start()
    yield made
    await server.stop(None)


@pytest.fixture
def book() -> EventBook:
    """Return a stored book."""
    made = EventBook()
    made.cover.address("order", bytes(16))
    for number, text in enumerate(("a", "b")):
        page = made.pages.add(num=number, position=number + 5, command_id="c")
        page.created_at.seconds = number
        page.event.Pack(StringValue(value=text))
    return made
