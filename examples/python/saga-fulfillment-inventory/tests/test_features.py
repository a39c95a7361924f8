"""The features of leaving goods, bound to the saga."""

import pytest
from pytest_bdd import scenarios, then, when

from angzarr.types_pb2 import CommandBook
from angzarr_example_saga_fulfillment_inventory import saga
from angzarr_testing import SagaCase, given
from examples import inventory_root
from examples.fulfillment_pb2 import ItemsPacked, Shipped
from examples.inventory_pb2 import CommitReservation
from examples.order_pb2 import LineItem

scenarios("fulfillment/leaving-goods.feature")


@pytest.fixture
def case() -> SagaCase:
    """Begin a case of a shipment."""
    return given(saga)


@when('2 "SKU-1", 1 "SKU-2" and 3 "SKU-1" of an order are shipped')
def shipped(case: SagaCase) -> None:
    """Show the shipped order."""
    items = [LineItem(product_id=product) for product in ("SKU-1", "SKU-2", "SKU-1")]
    case.when(Shipped(order_id="A", items=items))


@when("a shipment is packed")
def packed(case: SagaCase) -> None:
    """Show something else."""
    case.when(ItemsPacked(packer_id="P"))


@then('the reservations of "SKU-1" and "SKU-2" are committed')
def committed(case: SagaCase) -> None:
    """Expect one command per product."""
    commit = CommitReservation(order_id="A")
    roots = [inventory_root(product) for product in ("SKU-1", "SKU-2")]
    case.then_sends(*[CommandBook.to("inventory", root, commit) for root in roots])


@then("nothing is asked for")
def nothing(case: SagaCase) -> None:
    """Expect no command."""
    case.then_nothing()
