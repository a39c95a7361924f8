"""Messages of the example shop, with what each can say about itself.

Messages are imported from the generated modules, for example ``examples.order_pb2``.
"""

from angzarr import attach
from examples import fulfillment_pb2, inventory_pb2, order_fulfillment_pb2, order_pb2
from examples._root import inventory_root
from examples._traits.fulfillment_state import FulfillmentStateTraits
from examples._traits.inventory_state import InventoryStateTraits
from examples._traits.line_item import LineItemTraits
from examples._traits.order_fulfillment_state import OrderFulfillmentStateTraits
from examples._traits.order_state import OrderStateTraits

for _message, _trait in (
    (fulfillment_pb2.FulfillmentState, FulfillmentStateTraits),
    (inventory_pb2.InventoryState, InventoryStateTraits),
    (order_pb2.LineItem, LineItemTraits),
    (order_fulfillment_pb2.OrderFulfillmentState, OrderFulfillmentStateTraits),
    (order_pb2.OrderState, OrderStateTraits),
):
    attach(_message, _trait)

__all__ = ["inventory_root"]
