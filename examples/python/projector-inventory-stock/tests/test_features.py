"""The features of the stock view, bound to the projector and a real database."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from google.protobuf.message import Message
from pytest_bdd import given, parsers, scenarios, then, when

from angzarr.types_pb2 import EventBook, Projection
from angzarr_example_projector_inventory_stock import StockView, router
from examples.inventory_pb2 import (
    LowStockAlert,
    ReservationCommitted,
    ReservationReleased,
    StockInitialized,
    StockReceived,
    StockReserved,
)
from examples.projections_pb2 import StockLevel

scenarios("inventory/stock-view.feature")

ROOT = UUID(bytes=bytes(range(16)))


class Shop:
    """The facts so far, and the projector on its database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = EventBook(next_sequence=0)
        self.book.cover.address("inventory", ROOT)
        self.last = Projection()

    def tell(self, *events: Message, times: int = 1) -> None:
        """Tell facts in order, each `times` times."""
        first = len(self.book.pages)
        self.book.record(*events)
        pages = [page for page in self.book.pages[first:] for _ in range(times)]
        asyncio.run(self._project([EventBook(cover=self.book.cover, pages=[it]) for it in pages]))

    def rebuild(self) -> None:
        """Tell every fact again beside the view, and put what comes of it in its place."""
        pages = self.book.pages
        books = [EventBook(cover=self.book.cover, pages=[it]) for it in pages]
        asyncio.run(self._project(books, rebuild=True))

    async def _project(self, books: list[EventBook], *, rebuild: bool = False) -> None:
        view = StockView(f"sqlite:///{self.path}", "projector-inventory-stock")
        async with view:
            projector = router(view)
            if rebuild:
                await projector.rebuild()
            for book in books:
                book.pages[0].position = book.pages[0].num + 1
                self.last = await projector.project(book, rebuild=rebuild)
            if rebuild:
                await projector.switch()
                await projector.switch()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Begin with an empty database."""
    yield Shop(tmp_path / "stock.db")


@given('"SKU-1" with 10 on hand and threshold 5')
def initialized(shop: Shop) -> None:
    """Tell the first stock."""
    shop.tell(StockInitialized(product_id="SKU-1", quantity=10, low_stock_threshold=5))


@when("4 are reserved, 3 of another order, and low stock is reported")
def reserved(shop: Shop) -> None:
    """Tell both reservations and the alert."""
    shop.tell(
        StockReserved(new_reserved=4, new_on_hand=10),
        StockReserved(new_reserved=7, new_on_hand=10),
        LowStockAlert(product_id="SKU-1", available=3, threshold=5),
    )


@when("4 are reserved and released, and 3 reserved and committed, and 2 come in")
def moved(shop: Shop) -> None:
    """Tell the whole way."""
    shop.tell(
        StockReserved(new_reserved=4, new_on_hand=10),
        ReservationReleased(new_reserved=0, new_on_hand=10),
        StockReserved(new_reserved=3, new_on_hand=10),
        ReservationCommitted(new_reserved=0, new_on_hand=7),
        StockReceived(new_on_hand=9),
    )


@when("4 are reserved, told twice")
def doubled(shop: Shop) -> None:
    """Tell a fact twice."""
    shop.tell(StockReserved(new_reserved=4, new_on_hand=10), times=2)


@when("the view is built anew")
def rebuilt(shop: Shop) -> None:
    """Tell everything again from the beginning."""
    shop.rebuild()


SHOWS = "the view shows {on_hand:d} on hand, {reserved:d} reserved, {available:d} available, {low}"


@then(parsers.parse(SHOWS))
def shows(shop: Shop, on_hand: int, reserved: int, available: int, low: str) -> None:
    """Expect the row, the projection and the place in the history."""
    row = sqlite3.connect(shop.path).execute(
        "SELECT product_id, on_hand, reserved, available, low_stock, last_sequence FROM stock"
    )
    place = sqlite3.connect(shop.path).execute("SELECT sequence, position FROM places")
    last = len(shop.book.pages) - 1
    level = StockLevel()

    assert row.fetchall() == [("SKU-1", on_hand, reserved, available, int(low == "low"), last)]
    assert place.fetchall() == [(last, last + 1)]
    assert shop.last.projection.Unpack(level)
    assert (level.on_hand, level.reserved, level.available) == (on_hand, reserved, available)
    assert (shop.last.projector, shop.last.sequence) == ("projector-inventory-stock", last)
