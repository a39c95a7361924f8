"""A line of an order knows where its stock is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples._root import inventory_root

if TYPE_CHECKING:
    import uuid

    from examples.order_pb2 import LineItem


class LineItemTraits:
    """Behaviour of LineItem."""

    @property
    def inventory_root(self: LineItem) -> uuid.UUID:
        """Return the root of the product's stock."""
        return inventory_root(self.product_id)
