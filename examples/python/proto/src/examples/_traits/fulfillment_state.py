"""Whether there is a shipment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.fulfillment_pb2 import FulfillmentState


class FulfillmentStateTraits:
    """Behaviour of FulfillmentState."""

    @property
    def exists(self: FulfillmentState) -> bool:
        """Say whether the shipment was created."""
        return bool(self.order_id)
