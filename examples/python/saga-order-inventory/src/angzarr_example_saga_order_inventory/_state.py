"""Which orders hold a part of a product's stock."""

from angzarr_client import StateRouter
from examples.inventory_pb2 import (
    InventoryState,
    ReservationCommitted,
    ReservationReleased,
    StockReserved,
)

reservations = StateRouter(InventoryState)


@reservations.on
def reserved(state: InventoryState, event: StockReserved) -> None:
    """The order holds a part."""
    state.reservations[event.order_id] = event.quantity


@reservations.on
def released(state: InventoryState, event: ReservationReleased) -> None:
    """The order gave it back."""
    state.reservations.pop(event.order_id, None)


@reservations.on
def committed(state: InventoryState, event: ReservationCommitted) -> None:
    """The order's part has left."""
    state.reservations.pop(event.order_id, None)
