"""The saga from orders to shipments."""

from angzarr_client import SagaRouter, serve
from angzarr_example_saga_order_fulfillment import _handlers as handlers
from examples.fulfillment_pb2 import CreateShipment

PORT = 50312

saga = (
    SagaRouter("saga-order-fulfillment", source="order")
    .sends("fulfillment", CreateShipment)
    .reads("fulfillment", handlers.shipment)
)
saga.on(handlers.completed)


def main() -> None:
    """Serve the saga."""
    serve(saga, port=PORT)
