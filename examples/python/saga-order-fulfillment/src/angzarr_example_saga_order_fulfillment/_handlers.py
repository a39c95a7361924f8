"""A completed order is shipped."""

from uuid import UUID

from angzarr.types_pb2 import CommandBook
from angzarr_client import EventContext
from examples.fulfillment_pb2 import CreateShipment
from examples.order_pb2 import OrderCompleted


def shipment(_event: OrderCompleted, context: EventContext) -> list[UUID]:
    """Return the root of the order's shipment: the order's own."""
    return [context.root]


def completed(event: OrderCompleted, context: EventContext) -> CommandBook | None:
    """Create the shipment, unless there is one."""
    book = context.book("fulfillment", context.root)
    if book.next_page_number:
        return None
    create = CreateShipment(order_id=context.root.hex, items=event.items)
    return CommandBook.to("fulfillment", context.root, create)
