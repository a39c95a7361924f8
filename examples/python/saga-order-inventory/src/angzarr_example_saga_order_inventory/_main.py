"""The saga from orders to stock."""

from angzarr_client import SagaRouter, serve
from angzarr_example_saga_order_inventory import _handlers as handlers
from examples.inventory_pb2 import ReleaseReservation, ReserveStock

PORT = 50311

saga = (
    SagaRouter("saga-order-inventory", source="order")
    .sends("inventory", ReserveStock, ReleaseReservation)
    .reads("inventory", handlers.products)
)
saga.on(handlers.created)
saga.on(handlers.cancelled)


def main() -> None:
    """Serve the saga."""
    serve(saga, port=PORT)
