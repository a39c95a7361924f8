"""Orders reserve stock, cancelled orders give it back."""

from collections.abc import Sequence
from uuid import UUID

from angzarr.types_pb2 import CommandBook
from angzarr_client import EventContext
from angzarr_example_saga_order_inventory._state import reservations
from examples import inventory_root
from examples.inventory_pb2 import InventoryState, ReleaseReservation, ReserveStock
from examples.order_pb2 import LineItem, OrderCancelled, OrderCreated


def products(event: OrderCreated | OrderCancelled, _context: EventContext) -> list[UUID]:
    """Return the roots of the ordered products, each once."""
    return [inventory_root(product) for product in _merged(event.items)]


def created(event: OrderCreated, context: EventContext) -> list[CommandBook]:
    """Reserve each product once, unless the order holds it already."""
    commands: list[CommandBook] = []
    for product, quantity in _merged(event.items).items():
        root = inventory_root(product)
        if not _holds(context, root):
            reserve = ReserveStock(quantity=quantity, order_id=context.root.hex)
            commands.append(_to(context, root, reserve))
    return commands


def cancelled(event: OrderCancelled, context: EventContext) -> list[CommandBook]:
    """Release each product that the order holds."""
    release = ReleaseReservation(order_id=context.root.hex)
    return [
        _to(context, root, release) for root in products(event, context) if _holds(context, root)
    ]


def _merged(items: Sequence[LineItem]) -> dict[str, int]:
    """Return the quantity per product, in order of first appearance."""
    merged: dict[str, int] = {}
    for item in items:
        merged[item.product_id] = merged.get(item.product_id, 0) + item.quantity
    return merged


def _holds(context: EventContext, root: UUID) -> bool:
    state = reservations.fold(context.book("inventory", root))
    assert isinstance(state, InventoryState)  # noqa: S101 - what its fold makes
    return context.root.hex in state.reservations


def _to(
    context: EventContext, root: UUID, command: ReserveStock | ReleaseReservation
) -> CommandBook:
    following = context.book("inventory", root).next_page_number
    return CommandBook.to("inventory", root, command, sequence=following)
