"""Orders reserve stock; cancelled orders release it."""

from angzarr_example_saga_order_inventory._main import main, saga

__all__ = ["main", "saga"]
