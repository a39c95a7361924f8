"""The process from an order to its shipment."""

from angzarr_client import ProcessRouter, serve
from angzarr_example_process_manager_order_fulfillment import _handlers as handlers
from angzarr_example_process_manager_order_fulfillment._state import fold
from angzarr_settings import variable
from examples.fulfillment_pb2 import ItemsPacked, Ship, Shipped
from examples.inventory_pb2 import StockReserved
from examples.order_pb2 import CancelOrder, OrderCancelled, OrderCompleted, OrderCreated

PORT = 50320
TIMEOUT = "PAYMENT_TIMEOUT_SECONDS"


def router(timeout_seconds: int) -> ProcessRouter:
    """Return the process of orders that have so many seconds to be paid.

    Raises:
        ValueError: it is less than one second.
    """
    if timeout_seconds < 1:
        raise ValueError(f"{TIMEOUT} is {timeout_seconds}; make it at least 1.")
    process = (
        ProcessRouter("order-fulfillment", fold)
        .listens("order", OrderCreated, OrderCompleted, OrderCancelled)
        .listens("inventory", StockReserved)
        .listens("fulfillment", ItemsPacked, Shipped)
        .sends("order", CancelOrder)
        .sends("fulfillment", Ship)
        .reads("order", handlers.late_orders)
    )
    process.on(handlers.Started(timeout_seconds=timeout_seconds).handle)
    for handler in (
        handlers.reserved,
        handlers.paid,
        handlers.packed,
        handlers.cancelled,
        handlers.shipped,
    ):
        process.on(handler)
    process.on_timer(handlers.PAYMENT)(handlers.unpaid)
    return process


def main() -> None:
    """Serve the process."""
    serve(router(int(variable(TIMEOUT, "1800"))), port=PORT)
