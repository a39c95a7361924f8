"""How far a process has come, and what became of an order."""

from angzarr_client import StateRouter
from examples.order_fulfillment_pb2 import (
    DispatchIssued,
    FulfillmentStarted,
    OrderFulfillmentState,
    PrerequisiteCompleted,
    ProcessClosed,
    ReservationSeen,
)
from examples.order_pb2 import OrderCancelled, OrderCompleted, OrderState

fold = StateRouter(OrderFulfillmentState)
orders = StateRouter(OrderState)


@fold.on
def started(state: OrderFulfillmentState, event: FulfillmentStarted) -> None:
    """The order is known."""
    state.order_id, state.started = event.order_id, True
    state.inventory_roots[:] = event.inventory_roots


@fold.on
def seen(state: OrderFulfillmentState, event: ReservationSeen) -> None:
    """One product is reserved."""
    state.order_id = event.order_id
    state.reserved_roots.append(event.inventory_root)


@fold.on
def completed(state: OrderFulfillmentState, event: PrerequisiteCompleted) -> None:
    """One prerequisite is there."""
    state.order_id = event.order_id
    state.completed[:] = event.completed


@fold.on
def dispatched(state: OrderFulfillmentState, _event: DispatchIssued) -> None:
    """The order was told to leave."""
    state.dispatched = True


@fold.on
def closed(state: OrderFulfillmentState, event: ProcessClosed) -> None:
    """Nothing is left to do."""
    state.order_id, state.outcome = event.order_id, event.outcome


@orders.on
def order_completed(state: OrderState, _event: OrderCompleted) -> None:
    """The order is paid."""
    state.status = "completed"


@orders.on
def order_cancelled(state: OrderState, _event: OrderCancelled) -> None:
    """The order is off."""
    state.status = "cancelled"
