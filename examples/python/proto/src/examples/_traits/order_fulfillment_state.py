"""What a process still waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.order_fulfillment_pb2 import OrderFulfillmentState

PREREQUISITES = ("payment", "inventory", "fulfillment")


class OrderFulfillmentStateTraits:
    """Behaviour of OrderFulfillmentState."""

    @property
    def exists(self: OrderFulfillmentState) -> bool:
        """Say whether the process has recorded anything."""
        return bool(self.order_id)

    @property
    def remaining(self: OrderFulfillmentState) -> list[str]:
        """Return what has to be completed before the order may leave."""
        return [it for it in PREREQUISITES if it not in self.completed]
