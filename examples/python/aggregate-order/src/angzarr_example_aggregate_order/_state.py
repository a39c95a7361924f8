"""The state of an order, event by event."""

from angzarr_client import StateRouter
from examples.order_pb2 import (
    LoyaltyDiscountApplied,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderState,
    PaymentSubmitted,
)

fold = StateRouter(OrderState)


@fold.on
def created(state: OrderState, event: OrderCreated) -> None:
    """The order exists and waits for its payment."""
    state.customer_id, state.status = event.customer_id, "pending"
    state.items.extend(event.items)
    state.subtotal_cents = event.subtotal_cents
    state.cart_discount_cents = event.cart_discount_cents
    state.customer_root, state.cart_root = event.customer_root, event.cart_root


@fold.on
def discounted(state: OrderState, event: LoyaltyDiscountApplied) -> None:
    """Loyalty points lower the total."""
    state.loyalty_points_used = event.points_used
    state.discount_cents = event.discount_cents


@fold.on
def submitted(state: OrderState, event: PaymentSubmitted) -> None:
    """The customer has paid, the payment is not confirmed."""
    state.payment_method, state.status = event.payment_method, "payment_submitted"


@fold.on
def completed(state: OrderState, event: OrderCompleted) -> None:
    """The payment is confirmed."""
    state.payment_reference, state.status = event.payment_reference, "completed"


@fold.on
def cancelled(state: OrderState, _event: OrderCancelled) -> None:
    """The order will not be carried out."""
    state.status = "cancelled"
