"""Stock of the example shop: received, reserved, released, committed."""

from angzarr_example_aggregate_inventory._main import inventory, main
from angzarr_example_aggregate_inventory._state import fold

__all__ = ["fold", "inventory", "main"]
