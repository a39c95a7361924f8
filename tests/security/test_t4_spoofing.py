"""T4: what a client says of itself, and of where its command comes from."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr import rpc
from angzarr.types_pb2 import CommandBook, CommandResponse, EventPage
from angzarr_discovery import Component
from angzarr_discovery_static import StaticDiscovery
from angzarr_gateway import serve as serve_gateway
from angzarr_ports import System
from angzarr_service import CallError, Channels, Fault
from angzarr_settings import load

from .application import free_port

CLAIMS = (
    ("x-angzarr-identity", "spiffe://angzarr/shop/saga-order-inventory"),
    ("x-angzarr-speculative", "true"),
    ("x-forwarded-for", "10.0.0.1"),
    ("x-forwarded-client-cert", "By=spiffe://angzarr/shop/gateway"),
    ("x-correlation-id", "somebody-elses"),
)


class Coordinator:
    """A coordinator that notes what reaches it."""

    def __init__(self) -> None:
        self.books: list[CommandBook] = []
        self.metadata: list[str] = []

    async def handle(self, data: bytes, context: Any) -> bytes:
        """Note a command and accept it."""
        self.books.append(CommandBook.FromString(data))
        self.metadata += [key for key, _ in context.invocation_metadata()]
        return CommandResponse(position=1).SerializeToString()


@pytest.fixture
async def coordinator(place: Path) -> AsyncIterator[Coordinator]:
    """Serve at c.sock."""
    noted = Coordinator()
    server = grpc.aio.server()
    method: Any = {"Handle": grpc.unary_unary_rpc_method_handler(noted.handle)}
    generic = grpc.method_handlers_generic_handler("angzarr.AggregateCoordinator", method)
    server.add_generic_rpc_handlers((generic,))
    server.add_insecure_port(f"unix:{place}/c.sock")
    await server.start()
    yield noted
    await server.stop(0)


@pytest.fixture
async def gateway(place: Path, system: System) -> AsyncIterator[str]:
    """Run a gateway before the coordinator; return its address."""
    address, stop = f"127.0.0.1:{free_port()}", asyncio.Event()
    owner = Component(
        name="order", kind="aggregate", domain="order", addresses=(f"unix:{place}/c.sock",)
    )
    discovery = await StaticDiscovery.open((owner,), system)
    settings = load([f"--listen={address}", "--shutdown.drain_seconds=0"], {})
    running = asyncio.ensure_future(serve_gateway(settings, system, discovery, stop))
    yield address
    stop.set()
    await running


async def test_no_claim_of_a_client_passes_the_gateway(
    gateway: str, coordinator: Coordinator
) -> None:
    """Neither in metadata nor as the origin of a saga; what the command says is kept."""
    book = CommandBook.to("order", bytes(16), EventPage(), sequence=3)
    book.saga_origin.saga_name = "saga-order-inventory"
    book.saga_origin.triggering_aggregate.domain = "order"
    async with grpc.aio.insecure_channel(gateway) as channel:
        call: Any = channel.unary_unary("/angzarr.CommandGateway/Execute")
        await call(book.SerializeToString(), metadata=CLAIMS, timeout=20, wait_for_ready=True)

    (passed,) = coordinator.books
    assert not passed.HasField("saga_origin")
    assert (passed.cover.domain, passed.pages[0].sequence) == ("order", 3)
    assert [it for it in coordinator.metadata if it.startswith("x-")] == []


@pytest.mark.parametrize("count", [250_001, 2_000_000])
async def test_a_bomb_in_a_reply_is_no_message(place: Path, count: int) -> None:
    """A logic that answers with a million pages harms its own command only."""

    async def answer(_data: bytes, _context: Any) -> bytes:
        return b"\x12\x00" * count

    server = grpc.aio.server()
    method: Any = {"Handle": grpc.unary_unary_rpc_method_handler(answer)}
    generic = grpc.method_handlers_generic_handler("angzarr.Aggregate", method)
    server.add_generic_rpc_handlers((generic,))
    server.add_insecure_port(f"unix:{place}/l.sock")
    await server.start()
    channels = Channels()
    request = rpc.Aggregate.Handle.request()
    with pytest.raises(CallError) as caught:
        await channels.call(
            f"unix:{place}/l.sock", rpc.Aggregate.Handle, request, timeout_seconds=20
        )

    assert caught.value.fault is Fault.GARBAGE
    await channels.aclose()
    await server.stop(0)
