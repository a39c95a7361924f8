"""A completed order is shipped."""

from uuid import UUID

from angzarr.types_pb2 import CommandBook
from angzarr_client import EventContext
from examples.fulfillment_pb2 import CreateShipment, ShipmentCreated
from examples.order_pb2 import OrderCompleted


def shipment(_event: OrderCompleted, context: EventContext) -> list[UUID]:
    """Return the root of the order's shipment: the order's own."""
    return [context.root]


def completed(event: OrderCompleted, context: EventContext) -> CommandBook | None:
    """Create the shipment, unless the order has one."""
    shipped = ShipmentCreated()
    for page in context.book("fulfillment", context.root).pages:
        if page.event.Unpack(shipped) and shipped.order_id == context.root.hex:
            return None
    create = CreateShipment(order_id=context.root.hex, items=event.items)
    return CommandBook.to("fulfillment", context.root, create)
