"""Orders leave when they are paid, reserved and packed; unpaid ones are cancelled in time."""

from angzarr_example_process_manager_order_fulfillment._main import main, router
from angzarr_example_process_manager_order_fulfillment._state import fold

__all__ = ["fold", "main", "router"]
