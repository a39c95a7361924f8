"""The rules of an order, one function per command."""

from angzarr.types_pb2 import RevocationResponse, RevokeEventCommand
from angzarr_client import CommandContext, require
from angzarr_example_aggregate_order._fraud import FraudCheck
from examples.order_pb2 import (
    ApplyLoyaltyDiscount,
    CancelOrder,
    ConfirmPayment,
    CreateOrder,
    LineItem,
    LoyaltyDiscountApplied,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderState,
    PaymentSubmitted,
    SubmitPayment,
)

LARGEST = 2**31 - 1
ROOT_BYTES = 16
CENTS_PER_POINT = 100


def create(command: CreateOrder, state: OrderState, context: CommandContext) -> OrderCreated:
    """Orders are created once, with a customer and items."""
    require(not state.exists, "Order already exists")
    require(command.customer_id, "Customer ID is required")
    require(len(command.customer_root) in {0, ROOT_BYTES}, "Customer root must be 16 bytes")
    require(len(command.cart_root) in {0, ROOT_BYTES}, "Cart root must be 16 bytes")
    require(command.items, "Order must have items")
    for item in command.items:
        _check(item)
    subtotal = sum(item.quantity * item.unit_price_cents for item in command.items)
    quantity = sum(item.quantity for item in command.items)
    require(max(subtotal, quantity) <= LARGEST, "Order is too large")
    require(command.cart_discount_cents >= 0, "Cart discount cannot be negative")
    require(command.cart_discount_cents <= subtotal, "Cart discount cannot exceed subtotal")
    return OrderCreated(
        customer_id=command.customer_id,
        items=command.items,
        subtotal_cents=subtotal,
        created_at=context.timestamp,
        customer_root=command.customer_root,
        cart_root=command.cart_root,
        cart_discount_cents=command.cart_discount_cents,
    )


def _check(item: LineItem) -> None:
    require(item.product_id, "Product ID is required")
    require(item.quantity > 0, "Item quantity must be positive")
    require(item.unit_price_cents >= 0, "Unit price cannot be negative")


def apply_loyalty_discount(
    command: ApplyLoyaltyDiscount, state: OrderState, context: CommandContext
) -> LoyaltyDiscountApplied:
    """A pending order takes one loyalty discount, at most what is left to pay."""
    require(state.exists, "Order does not exist")
    require(state.status == "pending", "Order is not in pending state")
    require(not state.loyalty_points_used, "Loyalty discount already applied")
    require(command.points > 0, "Points must be positive")
    require(command.discount_cents > 0, "Discount must be positive")
    require(command.discount_cents <= state.total_cents, "Discount cannot exceed subtotal")
    return LoyaltyDiscountApplied(
        points_used=command.points,
        discount_cents=command.discount_cents,
        applied_at=context.timestamp,
        customer_root=state.customer_root,
    )


def submit_payment(
    command: SubmitPayment, state: OrderState, context: CommandContext
) -> PaymentSubmitted:
    """The amount is the order's total, to the cent."""
    require(state.exists, "Order does not exist")
    paid = state.status in {"payment_submitted", "completed"}
    require(not paid, "Payment already submitted")
    require(state.status != "cancelled", "Order is already cancelled")
    require(command.payment_method, "Payment method is required")
    expected, got = state.total_cents, command.amount_cents
    mismatch = f"Payment amount must match order total: expected {expected}, got {got}"
    require(expected == got, mismatch)
    return PaymentSubmitted(
        payment_method=command.payment_method,
        amount_cents=command.amount_cents,
        submitted_at=context.timestamp,
    )


class ConfirmPaymentHandler:
    """Confirms a payment after the fraud check, which is asked last."""

    def __init__(self, fraud: FraudCheck) -> None:
        self._fraud = fraud

    async def confirm(
        self, command: ConfirmPayment, state: OrderState, context: CommandContext
    ) -> OrderCompleted:
        """Complete the order and earn a point per whole unit of currency."""
        require(state.exists, "Order does not exist")
        require(state.status != "pending", "Payment not submitted")
        require(state.status != "completed", "Order is already completed")
        require(state.status != "cancelled", "Order is already cancelled")
        require(command.payment_reference, "Payment reference is required")
        key = f"{context.root.hex}:{context.sequence}"
        result = await self._fraud.check(state, key)
        require(result != "declined", "Payment declined by fraud check")
        return OrderCompleted(
            final_total_cents=state.total_cents,
            payment_method=state.payment_method,
            payment_reference=command.payment_reference,
            loyalty_points_earned=state.total_cents // CENTS_PER_POINT,
            completed_at=context.timestamp,
            customer_root=state.customer_root,
            cart_root=state.cart_root,
            items=state.items,
            fraud_check_result=result,
        )


def cancel(command: CancelOrder, state: OrderState, context: CommandContext) -> OrderCancelled:
    """An order that is not final can be cancelled, with a reason."""
    require(state.exists, "Order does not exist")
    require(state.status != "completed", "Cannot cancel completed order")
    require(state.status != "cancelled", "Order is already cancelled")
    require(command.reason, "Cancellation reason is required")
    return _cancelled(state, command.reason, state.loyalty_points_used, context)


def stock_refused(
    rejection: RevokeEventCommand, state: OrderState, context: CommandContext
) -> OrderCancelled | RevocationResponse:
    """Without stock the order is cancelled; the points it used go back."""
    text = f"Stock reservation rejected: {rejection.rejection_reason}"
    settled = _settled(rejection, state)
    return settled or _cancelled(state, text, state.loyalty_points_used, context)


def points_refused(
    rejection: RevokeEventCommand, state: OrderState, context: CommandContext
) -> OrderCancelled | RevocationResponse:
    """Without points the order is cancelled; no points were taken."""
    text = f"Loyalty redemption rejected: {rejection.rejection_reason}"
    return _settled(rejection, state) or _cancelled(state, text, 0, context)


def _settled(rejection: RevokeEventCommand, state: OrderState) -> RevocationResponse | None:
    if state.status == "cancelled":
        return RevocationResponse(reason="Order is already cancelled")
    if state.status == "completed":
        return RevocationResponse(escalate=True, reason=rejection.rejection_reason)
    return None


def _cancelled(
    state: OrderState, reason: str, points: int, context: CommandContext
) -> OrderCancelled:
    return OrderCancelled(
        reason=reason,
        cancelled_at=context.timestamp,
        loyalty_points_used=points,
        customer_root=state.customer_root,
        items=state.items,
        cart_root=state.cart_root,
    )
