"""The rules of a shipment, one function per command."""

from angzarr.types_pb2 import RevocationResponse, RevokeEventCommand
from angzarr_client import CommandContext, require
from examples.fulfillment_pb2 import (
    CreateShipment,
    Delivered,
    FulfillmentState,
    ItemsPacked,
    ItemsPicked,
    MarkPacked,
    MarkPicked,
    RecordDelivery,
    Ship,
    ShipmentCreated,
    Shipped,
)


def create(
    command: CreateShipment, state: FulfillmentState, context: CommandContext
) -> ShipmentCreated:
    """An order has one shipment."""
    require(not state.exists, "Shipment already exists")
    require(command.order_id, "Order ID is required")
    return ShipmentCreated(
        order_id=command.order_id,
        status="pending",
        created_at=context.timestamp,
        items=command.items,
    )


def pick(command: MarkPicked, state: FulfillmentState, context: CommandContext) -> ItemsPicked:
    """A pending shipment is picked."""
    require(state.exists, "Shipment does not exist")
    require(state.status == "pending", "Shipment is not pending")
    require(command.picker_id, "Picker ID is required")
    return ItemsPicked(picker_id=command.picker_id, picked_at=context.timestamp)


def pack(command: MarkPacked, state: FulfillmentState, context: CommandContext) -> ItemsPacked:
    """A picked shipment is packed."""
    require(state.exists, "Shipment does not exist")
    require(state.status == "picking", "Shipment is not picked")
    require(command.packer_id, "Packer ID is required")
    return ItemsPacked(packer_id=command.packer_id, packed_at=context.timestamp)


def ship(command: Ship, state: FulfillmentState, context: CommandContext) -> Shipped:
    """A packed shipment leaves with a carrier."""
    require(state.exists, "Shipment does not exist")
    require(state.status == "packing", "Shipment is not packed")
    require(command.carrier, "Carrier is required")
    require(command.tracking_number, "Tracking number is required")
    return Shipped(
        carrier=command.carrier,
        tracking_number=command.tracking_number,
        shipped_at=context.timestamp,
        items=state.items,
        order_id=state.order_id,
    )


def deliver(command: RecordDelivery, state: FulfillmentState, context: CommandContext) -> Delivered:
    """A shipped shipment arrives."""
    require(state.exists, "Shipment does not exist")
    require(state.status != "delivered", "Shipment is already delivered")
    require(state.status == "shipped", "Shipment is not shipped")
    return Delivered(signature=command.signature, delivered_at=context.timestamp)


def commit_refused(rejection: RevokeEventCommand, _state: FulfillmentState) -> RevocationResponse:
    """The goods have left although the stock does not know: people must look."""
    return RevocationResponse(
        escalate=True, send_to_dead_letter_queue=True, reason=rejection.rejection_reason
    )
