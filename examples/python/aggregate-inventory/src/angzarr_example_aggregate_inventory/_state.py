"""The stock of a product, event by event; events carry absolute values."""

from angzarr_client import StateRouter
from examples.inventory_pb2 import (
    InventoryState,
    ReservationCommitted,
    ReservationReleased,
    StockInitialized,
    StockReceived,
    StockReserved,
)

fold = StateRouter(InventoryState)


@fold.on
def initialized(state: InventoryState, event: StockInitialized) -> None:
    """The product has stock."""
    state.product_id, state.on_hand = event.product_id, event.quantity
    state.low_stock_threshold = event.low_stock_threshold


@fold.on
def received(state: InventoryState, event: StockReceived) -> None:
    """Goods came in."""
    state.on_hand = event.new_on_hand


@fold.on
def reserved(state: InventoryState, event: StockReserved) -> None:
    """An order holds a part of the stock."""
    state.reserved = event.new_reserved
    state.reservations[event.order_id] = event.quantity


@fold.on
def released(state: InventoryState, event: ReservationReleased) -> None:
    """An order gave its part back."""
    state.reserved = event.new_reserved
    del state.reservations[event.order_id]


@fold.on
def committed(state: InventoryState, event: ReservationCommitted) -> None:
    """An order's part has left."""
    state.on_hand, state.reserved = event.new_on_hand, event.new_reserved
    del state.reservations[event.order_id]
