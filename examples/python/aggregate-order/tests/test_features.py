"""The features of orders, bound to the business code."""

from typing import Any

import pytest
from google.protobuf.message import Message
from pytest_bdd import given as g
from pytest_bdd import parsers, scenarios, then, when

from angzarr.types_pb2 import RevocationResponse
from angzarr_client import TryAgainError
from angzarr_example_aggregate_order import router
from angzarr_testing import AggregateCase, given
from examples.inventory_pb2 import ReserveStock
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

scenarios("order/order.feature")

ITEM = LineItem(product_id="SKU-1", quantity=1, unit_price_cents=10)
LARGEST = 2**31 - 1
FAULTS: dict[str, dict[str, Any]] = {
    "no customer": {"customer_id": ""},
    "no items": {"items": []},
    "an item without product": {"items": [LineItem(quantity=1)]},
    "an item with quantity 0": {"items": [LineItem(product_id="a")]},
    "a price below zero": {"items": [LineItem(product_id="a", quantity=1, unit_price_cents=-1)]},
    "too many items": {"items": [LineItem(product_id="a", quantity=LARGEST), ITEM]},
    "a discount below zero": {"cart_discount_cents": -1},
    "a discount above subtotal": {"cart_discount_cents": 11},
    "a broken customer": {"customer_root": b"short"},
    "a broken cart": {"cart_root": b"short"},
}


class FraudCheck:
    """Answers what it is told."""

    answer = ""

    async def check(self, order: OrderState, idempotency_key: str) -> str:
        """Answer; "silence" is none."""
        assert order.total_cents
        assert idempotency_key.endswith(":2")
        if self.answer == "silence":
            raise TryAgainError("Fraud check unavailable: no answer")
        return self.answer


class Story:
    """The history so far and the case under way."""

    def __init__(self) -> None:
        self.fraud = FraudCheck()
        self.events: list[Message] = []
        self.case: AggregateCase | None = None

    def do(self, command: Message) -> None:
        """Hand over a command."""
        self.case = given(router(self.fraud), *self.events).when(command)

    @property
    def outcome(self) -> AggregateCase:
        """Return the case with its answers."""
        assert self.case is not None
        return self.case


@pytest.fixture
def story() -> Story:
    """Begin a story."""
    return Story()


def created(customer: str, worth: int, discount: int = 0) -> OrderCreated:
    """Return the event of a new order with one item."""
    item = LineItem(product_id="SKU-1", quantity=1, unit_price_cents=worth)
    return OrderCreated(
        customer_id=customer, items=[item], subtotal_cents=worth, cart_discount_cents=discount
    )


@g("nothing has happened")
def nothing() -> None:
    """Begin without a history."""


@g(parsers.re(r'customer "(?P<customer>.+)" ordered goods worth (?P<worth>\d+)(?P<then> .+)?$'))
def ordered(story: Story, customer: str, worth: str, then: str | None) -> None:
    """Begin with an order, perhaps further on its way."""
    discount = int(then.rpartition(" ")[2]) if then and "cart" in then else 0
    story.events = [created(customer, int(worth), discount)]
    if then == " with points":
        story.events.append(LoyaltyDiscountApplied(points_used=1, discount_cents=1))
    if then in {" and paid", " and completed"}:
        story.events.append(PaymentSubmitted(payment_method="card", amount_cents=int(worth)))
    if then == " and completed":
        story.events.append(OrderCompleted(payment_reference="P-0"))
    if then == " and cancelled":
        story.events.append(OrderCancelled(reason="before"))


@g(parsers.parse('the fraud check answers "{answer}"'))
def answers(story: Story, answer: str) -> None:
    """Prepare the answer."""
    story.fraud.answer = answer


@g("the fraud check does not answer")
def silent(story: Story) -> None:
    """Prepare silence."""
    story.fraud.answer = "silence"


@when(parsers.parse('customer "{customer}" orders {n:d} "{a}" at {p:d} and {m:d} "{b}" at {q:d}'))
def orders(story: Story, customer: str, n: int, a: str, p: int, m: int, b: str, q: int) -> None:  # noqa: PLR0913, PLR0917 - the step's words
    """Order two products."""
    items = [
        LineItem(product_id=a, quantity=n, unit_price_cents=p),
        LineItem(product_id=b, quantity=m, unit_price_cents=q),
    ]
    story.do(CreateOrder(customer_id=customer, items=items))


@when(parsers.parse("a customer orders with {fault}"))
def orders_badly(story: Story, fault: str) -> None:
    """Order something wrong."""
    fine: dict[str, Any] = {"customer_id": "C-1", "items": [ITEM]}
    story.do(CreateOrder(**{**fine, **FAULTS[fault]}))


@when(parsers.parse("{points:d} points take off {discount:d}"))
def discounts(story: Story, points: int, discount: int) -> None:
    """Use loyalty points."""
    story.do(ApplyLoyaltyDiscount(points=points, discount_cents=discount))


@when(parsers.re(r'(?P<amount>\d+) are paid by "(?P<method>.*)"'))
def pays(story: Story, amount: str, method: str) -> None:
    """Submit a payment."""
    story.do(SubmitPayment(payment_method=method, amount_cents=int(amount)))


@when(parsers.re(r'the payment is confirmed as "(?P<reference>.*)"'))
def confirms(story: Story, reference: str) -> None:
    """Confirm a payment."""
    story.do(ConfirmPayment(payment_reference=reference))


@when(parsers.re(r'the order is cancelled because of "(?P<reason>.*)"'))
def cancels(story: Story, reason: str) -> None:
    """Cancel the order."""
    story.do(CancelOrder(reason=reason))


@when(parsers.parse('the stock is refused because of "{reason}"'))
def stock_refused(story: Story, reason: str) -> None:
    """Hear that a reservation was refused."""
    case = given(router(story.fraud), *story.events)
    story.case = case.when_rejected(ReserveStock(quantity=1), reason)


@then(parsers.parse("the order is created with a subtotal of {subtotal:d}"))
def is_created(story: Story, subtotal: int) -> None:
    """Expect the new order with both items."""
    items = [
        LineItem(product_id="SKU-1", quantity=2, unit_price_cents=500),
        LineItem(product_id="SKU-2", quantity=1, unit_price_cents=250),
    ]
    story.outcome.then(OrderCreated(customer_id="C-1", items=items, subtotal_cents=subtotal))


@then(parsers.parse('the order is "{status}"'))
def has_status(story: Story, status: str) -> None:
    """Expect the state after the events to have a status."""
    assert {state.status for state in story.outcome.states(OrderState)} == {status}


@then(parsers.parse('it is refused: "{text}"'))
def is_refused(story: Story, text: str) -> None:
    """Expect exactly this text."""
    story.outcome.then_rejected(text)


@then(parsers.parse("the loyalty discount of {discount:d} for {points:d} points is applied"))
def is_discounted(story: Story, discount: int, points: int) -> None:
    """Expect the discount."""
    story.outcome.then(LoyaltyDiscountApplied(points_used=points, discount_cents=discount))


@then(parsers.parse('the payment of {amount:d} by "{method}" is submitted'))
def is_paid(story: Story, amount: int, method: str) -> None:
    """Expect the payment."""
    story.outcome.then(PaymentSubmitted(payment_method=method, amount_cents=amount))


@then(
    parsers.re(
        r'the order is completed with (?P<points>\d+) points and the fraud result "(?P<result>.*)"'
    )
)
def is_completed(story: Story, points: str, result: str) -> None:
    """Expect completion."""
    created_event = story.events[0]
    assert isinstance(created_event, OrderCreated)
    story.outcome.then(
        OrderCompleted(
            final_total_cents=created_event.subtotal_cents,
            payment_method="card",
            payment_reference="P-1",
            loyalty_points_earned=int(points),
            items=created_event.items,
            fraud_check_result=result,
        )
    )


@then(parsers.parse('the order is cancelled because of "{reason}"'))
def is_cancelled(story: Story, reason: str) -> None:
    """Expect cancellation with the items of the order."""
    created_event = story.events[0]
    assert isinstance(created_event, OrderCreated)
    story.outcome.then(OrderCancelled(reason=reason, items=created_event.items))


@then(parsers.parse('the refusal is settled as "{reason}"'))
def is_settled(story: Story, reason: str) -> None:
    """Expect that nothing more is to be done."""
    story.outcome.then_revoked(RevocationResponse(reason=reason))


@then(parsers.parse('people are told: "{reason}"'))
def is_escalated(story: Story, reason: str) -> None:
    """Expect an alert."""
    story.outcome.then_revoked(RevocationResponse(escalate=True, reason=reason))
