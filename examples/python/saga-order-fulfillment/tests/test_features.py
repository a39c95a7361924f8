"""The features of shipping, bound to the saga."""

from uuid import UUID

import pytest
from pytest_bdd import given as g
from pytest_bdd import scenarios, then, when

from angzarr.types_pb2 import CommandBook
from angzarr_example_saga_order_fulfillment import saga
from angzarr_testing import SagaCase, given
from examples.fulfillment_pb2 import CreateShipment, ShipmentCreated
from examples.order_pb2 import LineItem, OrderCompleted

scenarios("order/shipping.feature")

ORDER = UUID(bytes=bytes(range(16)))
ITEMS = [LineItem(product_id="SKU-1", quantity=2)]


@pytest.fixture
def case() -> SagaCase:
    """Begin a case of the order."""
    return given(saga, root=ORDER)


@g("the order has a shipment")
def has_shipment(case: SagaCase) -> None:
    """Let the shipment exist."""
    case.destination("fulfillment", ORDER, ShipmentCreated(order_id=ORDER.hex))


@g("another order has its shipment there")
def has_another_shipment(case: SagaCase) -> None:
    """Let a shipment exist at the place of the order's."""
    case.destination("fulfillment", ORDER, ShipmentCreated(order_id="another"))


@when('the order for 2 "SKU-1" is completed')
def completed(case: SagaCase) -> None:
    """Show the completed order."""
    case.when(OrderCompleted(items=ITEMS, payment_reference="secret"))


@then('a shipment of 2 "SKU-1" is asked for')
def shipment(case: SagaCase) -> None:
    """Expect a shipment at the root of the order, without payment details."""
    create = CreateShipment(order_id=ORDER.hex, items=ITEMS)
    case.then_sends(CommandBook.to("fulfillment", ORDER, create))


@then("nothing is asked for")
def nothing(case: SagaCase) -> None:
    """Expect no command."""
    case.then_nothing()
