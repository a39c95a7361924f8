"""The fulfillment service."""

from angzarr_client import CommandRouter, serve
from angzarr_example_aggregate_fulfillment import _handlers as handlers
from angzarr_example_aggregate_fulfillment._state import fold
from examples.inventory_pb2 import CommitReservation

PORT = 50305

fulfillment = CommandRouter("fulfillment", fold)
fulfillment.on(handlers.create)
fulfillment.on(handlers.pick)
fulfillment.on(handlers.pack)
fulfillment.on(handlers.ship)
fulfillment.on(handlers.deliver)
fulfillment.on_rejected(CommitReservation)(handlers.commit_refused)


def main() -> None:
    """Serve the shipments."""
    serve(fulfillment, port=PORT)
