"""What the shop's messages say about themselves."""

import uuid

from examples import inventory_root
from examples.fulfillment_pb2 import FulfillmentState
from examples.inventory_pb2 import InventoryState
from examples.order_pb2 import LineItem, OrderState


def test_stock_lives_at_the_root_of_its_product() -> None:
    """The root of a product is fixed for ever."""
    root = uuid.UUID("9ac6d453-2085-5a0a-a23e-2e5c74fc9030")

    assert root == inventory_root("SKU-1") == LineItem(product_id="SKU-1").inventory_root


def test_an_order_knows_its_total_and_its_end() -> None:
    """Both discounts lower the total; completed and cancelled are final."""
    order = OrderState(subtotal_cents=1000, cart_discount_cents=100, discount_cents=200)

    assert order.total_cents == 700
    assert not order.exists
    assert OrderState(customer_id="C-1").exists
    assert [OrderState(status=it).is_final for it in ("pending", "completed")] == [False, True]


def test_stock_and_shipment_know_whether_they_exist() -> None:
    """A state without identity is nothing yet; available is what nobody reserved."""
    assert InventoryState(product_id="a", on_hand=5, reserved=2).available == 3
    assert InventoryState(product_id="a").exists
    assert not InventoryState().exists
    assert FulfillmentState(order_id="a").exists
    assert not FulfillmentState().exists
