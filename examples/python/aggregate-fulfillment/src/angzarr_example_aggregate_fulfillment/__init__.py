"""Shipments of the example shop: picked, packed, shipped, delivered."""

from angzarr_example_aggregate_fulfillment._main import fulfillment, main
from angzarr_example_aggregate_fulfillment._state import fold

__all__ = ["fold", "fulfillment", "main"]
