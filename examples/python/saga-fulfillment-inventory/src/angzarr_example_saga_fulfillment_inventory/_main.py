"""The saga from shipments to stock."""

from angzarr_client import SagaRouter, serve
from angzarr_example_saga_fulfillment_inventory import _handlers as handlers
from examples.inventory_pb2 import CommitReservation

PORT = 50313

saga = SagaRouter("saga-fulfillment-inventory", source="fulfillment").sends(
    "inventory", CommitReservation
)
saga.on(handlers.shipped)


def main() -> None:
    """Serve the saga."""
    serve(saga, port=PORT)
