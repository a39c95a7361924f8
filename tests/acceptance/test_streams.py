"""Live events of the whole shop through the gateway (contract.md §4.9)."""

import asyncio
import uuid
from typing import Any

import pytest

from angzarr.types_pb2 import CommandBook, EventBook, EventStreamFilter, Projection
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock
from examples.order_pb2 import CreateOrder, LineItem

from .gateway import Gateway
from .journey import Journey

PATIENCE_SECONDS = 60

pytestmark = pytest.mark.timeout(300)


def names(book: EventBook) -> list[tuple[str, str]]:
    """Return domain and type of the events of an append."""
    domain = book.cover.domain
    return [(domain, page.type_name.rpartition(".")[2]) for page in book.pages]


async def until(stream: Any, wanted: tuple[str, str]) -> list[tuple[str, str]]:
    """Return what a stream brings up to an event."""
    found: list[tuple[str, str]] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while wanted not in found:
            found += names(await stream.read())
    return found


def test_a_workflow_is_watched_over_every_domain(journey: Journey) -> None:
    """A command's stream brings its events, then those of the sagas; a subscriber sees them too."""
    flow = f"flow-{uuid.uuid4().hex[:8]}"
    item = LineItem(product_id=journey.product, quantity=2, unit_price_cents=100)
    create = CreateOrder(customer_id="C-1", items=[item])
    book = CommandBook.to("order", journey.order, create, sequence=0)
    book.cover.correlation_id = flow

    async def watch(gateway: Gateway) -> tuple[Any, Any]:
        stock = InitializeStock(product_id=journey.product, quantity=10)
        await gateway.send("inventory", inventory_root(journey.product), stock)
        watched = gateway.streams.Subscribe(EventStreamFilter(correlation_id=flow))
        await watched.initial_metadata()
        followed = gateway.commands.ExecuteStream(book)
        reserved = ("inventory", "StockReserved")
        return await until(followed, reserved), await until(watched, reserved)

    followed, watched = journey.system.run(watch)

    assert followed[0] == ("order", "OrderCreated")
    for found in (followed, watched):
        assert found.count(("order", "OrderCreated")) == 1
        assert found.count(("inventory", "StockReserved")) == 1


def test_projections_are_watched_as_they_are_made(journey: Journey) -> None:
    """What a projector makes of an event comes with the workflow of the event."""
    flow = f"flow-{uuid.uuid4().hex[:8]}"
    domain = "_projection.projector-inventory-stock.inventory"

    async def watch(gateway: Gateway) -> EventBook:
        watched: Any = gateway.streams.Subscribe(EventStreamFilter(correlation_id=flow))
        await watched.initial_metadata()
        stock = InitializeStock(product_id=journey.product, quantity=10)
        await gateway.send("inventory", inventory_root(journey.product), stock, tag=flow)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (book := await watched.read()).cover.domain != domain:
                pass
        found: EventBook = book
        return found

    book = journey.system.run(watch)

    projection = Projection()
    projection.ParseFromString(book.pages[0].event.value)
    assert book.pages[0].event.type_url == "angzarr.Projection"
    assert projection.projector == "projector-inventory-stock"
    assert projection.cover.root.uuid == inventory_root(journey.product)


def test_a_log_is_watched_from_a_position(journey: Journey) -> None:
    """A subscriber that knows a position gets everything behind it, in order, then what is new."""

    async def watch(gateway: Gateway) -> tuple[list[int], list[int]]:
        stock = InitializeStock(product_id=journey.product, quantity=10)
        await gateway.send("inventory", inventory_root(journey.product), stock)
        stored = [page.position for page in await gateway.log("inventory")]
        wanted = EventStreamFilter(domain="inventory", after_position=0)
        stream: Any = gateway.streams.Subscribe(wanted)
        found: list[int] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found) < len(stored):
                found += [page.position for page in (await stream.read()).pages]
        return stored, found

    stored, found = journey.system.run(watch)

    assert found[: len(stored)] == stored
