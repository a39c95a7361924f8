"""The features of reserving, bound to the saga."""

from uuid import UUID

import pytest
from google.protobuf.message import Message
from pytest_bdd import given as g
from pytest_bdd import parsers, scenarios, then, when

from angzarr.types_pb2 import CommandBook
from angzarr_example_saga_order_inventory import saga
from angzarr_testing import SagaCase, given
from examples import inventory_root
from examples.inventory_pb2 import (
    ReleaseReservation,
    ReservationReleased,
    ReserveStock,
    StockInitialized,
    StockReserved,
)
from examples.order_pb2 import LineItem, OrderCancelled, OrderCreated, PaymentSubmitted

scenarios("order/stock-and-shipment.feature")

ORDER = UUID(bytes=bytes(range(16)))


def items(text: str) -> list[LineItem]:
    """Return the items that a step names: quantity and product."""
    words = text.replace(",", "").replace(" and", "").split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [LineItem(quantity=int(n), product_id=product.strip('"')) for n, product in pairs]


def reserve(product: str, quantity: int) -> CommandBook:
    """Return the command that reserves for the order."""
    command = ReserveStock(quantity=quantity, order_id=ORDER.hex)
    return CommandBook.to("inventory", inventory_root(product), command)


@pytest.fixture
def case() -> SagaCase:
    """Begin a case of the order."""
    return given(saga, root=ORDER)


@g('the order holds 5 "SKU-1"')
def holds(case: SagaCase, *more: Message) -> None:
    """Let the order have reserved."""
    case.destination(
        "inventory",
        inventory_root("SKU-1"),
        StockInitialized(product_id="SKU-1", quantity=9),
        StockReserved(order_id=ORDER.hex, quantity=5),
        *more,
    )


@g('the order held 5 "SKU-1" and gave it back')
def held(case: SagaCase) -> None:
    """Let the order have released."""
    holds(case, ReservationReleased(order_id=ORDER.hex, quantity=5))


@when(parsers.parse("an order for {text} is created"))
def created(case: SagaCase, text: str) -> None:
    """Show the new order."""
    case.when(OrderCreated(customer_id="C-1", items=items(text)))


@when(parsers.parse("the order for {text} is cancelled"))
def cancelled(case: SagaCase, text: str) -> None:
    """Show the cancelled order."""
    case.when(OrderCancelled(reason="x", items=items(text)))


@when("a payment for the order is submitted")
def paid(case: SagaCase) -> None:
    """Show something else."""
    case.when(PaymentSubmitted(amount_cents=1))


@then('5 "SKU-1" and 1 "SKU-2" are reserved for it')
def both(case: SagaCase) -> None:
    """Expect both, in the order of first appearance."""
    case.then_sends(reserve("SKU-1", 5), reserve("SKU-2", 1))


@then('only 1 "SKU-2" is reserved for it')
def one(case: SagaCase) -> None:
    """Expect what is missing."""
    case.then_sends(reserve("SKU-2", 1))


@then('its "SKU-1" is released and nothing else')
def released(case: SagaCase) -> None:
    """Expect the release."""
    release = ReleaseReservation(order_id=ORDER.hex)
    case.then_sends(CommandBook.to("inventory", inventory_root("SKU-1"), release))


@then("nothing is asked for")
def nothing(case: SagaCase) -> None:
    """Expect no command."""
    case.then_nothing()
