"""Completed orders are shipped."""

from angzarr_example_saga_order_fulfillment._main import main, saga

__all__ = ["main", "saga"]
