"""The order service."""

from contextlib import aclosing

from angzarr_client import CommandRouter, serve
from angzarr_example_aggregate_order import _handlers as handlers
from angzarr_example_aggregate_order._fraud import FraudCheck, fraud_check
from angzarr_example_aggregate_order._state import fold
from examples.inventory_pb2 import ReserveStock

PORT = 50303


def router(fraud: FraudCheck) -> CommandRouter:
    """Return the rules of an order, with this fraud check."""
    order = CommandRouter("order", fold)
    order.on(handlers.create)
    order.on(handlers.apply_loyalty_discount)
    order.on(handlers.submit_payment)
    order.on(handlers.ConfirmPaymentHandler(fraud).confirm)
    order.on(handlers.cancel)
    order.on_rejected(ReserveStock)(handlers.stock_refused)
    return order


def main() -> None:
    """Serve the orders."""
    fraud = fraud_check()
    serve(router(fraud), port=PORT, lifespan=aclosing(fraud))
