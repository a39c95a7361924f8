"""What an order amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.order_pb2 import OrderState


class OrderStateTraits:
    """Behaviour of OrderState."""

    @property
    def exists(self: OrderState) -> bool:
        """Say whether the order was created."""
        return bool(self.customer_id)

    @property
    def is_final(self: OrderState) -> bool:
        """Say whether the order is completed or cancelled."""
        return self.status in {"completed", "cancelled"}

    @property
    def total_cents(self: OrderState) -> int:
        """Return what is to be paid, in cents."""
        return self.subtotal_cents - self.cart_discount_cents - self.discount_cents
