"""Stock levels of the example shop as a table."""

from angzarr_example_projector_inventory_stock._main import main, router
from angzarr_example_projector_inventory_stock._view import StockView

__all__ = ["StockView", "main", "router"]
