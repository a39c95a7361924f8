"""Orders of the example shop: created, paid, completed or cancelled."""

from angzarr_example_aggregate_order._fraud import FraudCheck, HttpFraudCheck, NoFraudCheck
from angzarr_example_aggregate_order._main import main, router
from angzarr_example_aggregate_order._state import fold

__all__ = ["FraudCheck", "HttpFraudCheck", "NoFraudCheck", "fold", "main", "router"]
