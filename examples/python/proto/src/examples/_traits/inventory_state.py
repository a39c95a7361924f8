"""What is left of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.inventory_pb2 import InventoryState


class InventoryStateTraits:
    """Behaviour of InventoryState."""

    @property
    def exists(self: InventoryState) -> bool:
        """Say whether the stock was initialized."""
        return bool(self.product_id)

    @property
    def available(self: InventoryState) -> int:
        """Return the units on hand that no order has reserved."""
        return self.on_hand - self.reserved
