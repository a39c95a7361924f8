"""The state of a shipment, event by event."""

from angzarr_client import StateRouter
from examples.fulfillment_pb2 import (
    Delivered,
    FulfillmentState,
    ItemsPacked,
    ItemsPicked,
    ShipmentCreated,
    Shipped,
)

fold = StateRouter(FulfillmentState)


@fold.on
def created(state: FulfillmentState, event: ShipmentCreated) -> None:
    """The shipment waits to be picked."""
    state.order_id, state.status = event.order_id, event.status
    state.items.extend(event.items)


@fold.on
def picked(state: FulfillmentState, event: ItemsPicked) -> None:
    """The items are off the shelf."""
    state.picker_id, state.status = event.picker_id, "picking"


@fold.on
def packed(state: FulfillmentState, event: ItemsPacked) -> None:
    """The items are in the box."""
    state.packer_id, state.status = event.packer_id, "packing"


@fold.on
def shipped(state: FulfillmentState, event: Shipped) -> None:
    """The box has left."""
    state.carrier, state.tracking_number = event.carrier, event.tracking_number
    state.status = "shipped"


@fold.on
def delivered(state: FulfillmentState, event: Delivered) -> None:
    """The box has arrived."""
    state.signature, state.status = event.signature, "delivered"
