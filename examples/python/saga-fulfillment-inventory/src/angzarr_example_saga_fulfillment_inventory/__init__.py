"""Shipped goods leave the stock."""

from angzarr_example_saga_fulfillment_inventory._main import main, saga

__all__ = ["main", "saga"]
