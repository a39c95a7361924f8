"""Shipped goods leave the stock."""

from angzarr.types_pb2 import CommandBook
from angzarr_client import EventContext
from examples import inventory_root
from examples.fulfillment_pb2 import Shipped
from examples.inventory_pb2 import CommitReservation


def shipped(event: Shipped, _context: EventContext) -> list[CommandBook]:
    """Commit what the order reserved of each product; a missing reservation must be seen."""
    commit = CommitReservation(order_id=event.order_id)
    products = dict.fromkeys(item.product_id for item in event.items)
    return [CommandBook.to("inventory", inventory_root(it), commit) for it in products]
