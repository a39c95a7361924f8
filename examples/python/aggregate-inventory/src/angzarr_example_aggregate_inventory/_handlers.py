"""The rules of a product's stock, one function per command."""

from angzarr_client import CommandContext, require
from examples.inventory_pb2 import (
    CommitReservation,
    InitializeStock,
    InventoryState,
    LowStockAlert,
    ReceiveStock,
    ReleaseReservation,
    ReservationCommitted,
    ReservationReleased,
    ReserveStock,
    StockInitialized,
    StockReceived,
    StockReserved,
)

LARGEST = 2**31 - 1


def initialize(
    command: InitializeStock, state: InventoryState, context: CommandContext
) -> StockInitialized:
    """Stock is initialized once."""
    require(not state.exists, "Inventory already initialized")
    require(command.product_id, "Product ID is required")
    require(command.quantity >= 0, "Quantity cannot be negative")
    require(command.low_stock_threshold >= 0, "Low stock threshold cannot be negative")
    return StockInitialized(
        product_id=command.product_id,
        quantity=command.quantity,
        low_stock_threshold=command.low_stock_threshold,
        initialized_at=context.timestamp,
    )


def receive(command: ReceiveStock, state: InventoryState, context: CommandContext) -> StockReceived:
    """Goods come in."""
    require(state.exists, "Inventory not initialized")
    require(command.quantity > 0, "Quantity must be positive")
    on_hand = state.on_hand + command.quantity
    require(on_hand <= LARGEST, "Stock level is too large")
    return StockReceived(
        quantity=command.quantity,
        new_on_hand=on_hand,
        reference=command.reference,
        received_at=context.timestamp,
    )


def reserve(
    command: ReserveStock, state: InventoryState, context: CommandContext
) -> list[StockReserved | LowStockAlert]:
    """An order reserves once, at most what is available; crossing the threshold alerts."""
    require(state.exists, "Inventory not initialized")
    require(command.quantity > 0, "Quantity must be positive")
    require(command.order_id, "Order ID is required")
    doubled = command.order_id in state.reservations
    require(not doubled, "Reservation already exists for this order")
    available, quantity = state.available, command.quantity
    short = f"Insufficient stock: available {available}, requested {quantity}"
    require(quantity <= available, short)
    reserved = StockReserved(
        quantity=quantity,
        order_id=command.order_id,
        new_available=available - quantity,
        reserved_at=context.timestamp,
        new_reserved=state.reserved + quantity,
        new_on_hand=state.on_hand,
    )
    return [reserved, *_alert(state, reserved, context)]


def _alert(
    state: InventoryState, reserved: StockReserved, context: CommandContext
) -> list[LowStockAlert]:
    threshold = state.low_stock_threshold
    if not reserved.new_available < threshold <= state.available:
        return []
    alert = LowStockAlert(
        product_id=state.product_id,
        available=reserved.new_available,
        threshold=threshold,
        alerted_at=context.timestamp,
    )
    return [alert]


def release(
    command: ReleaseReservation, state: InventoryState, context: CommandContext
) -> ReservationReleased:
    """An order gives back what it reserved."""
    quantity = _reservation(command.order_id, state)
    return ReservationReleased(
        order_id=command.order_id,
        quantity=quantity,
        new_available=state.available + quantity,
        released_at=context.timestamp,
        new_reserved=state.reserved - quantity,
        new_on_hand=state.on_hand,
    )


def commit(
    command: CommitReservation, state: InventoryState, context: CommandContext
) -> ReservationCommitted:
    """What an order reserved leaves the stock."""
    quantity = _reservation(command.order_id, state)
    return ReservationCommitted(
        order_id=command.order_id,
        quantity=quantity,
        new_on_hand=state.on_hand - quantity,
        committed_at=context.timestamp,
        new_reserved=state.reserved - quantity,
    )


def _reservation(order_id: str, state: InventoryState) -> int:
    require(state.exists, "Inventory not initialized")
    require(order_id, "Order ID is required")
    require(order_id in state.reservations, "Reservation not found for this order")
    return state.reservations[order_id]
