"""What each event means to the fulfillment of an order."""

import logging
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

from google.protobuf.message import Message

from angzarr.process_manager_pb2 import ProcessTimeout
from angzarr.types_pb2 import CommandBook
from angzarr_client import Decision, EventContext
from angzarr_example_process_manager_order_fulfillment._state import fold, orders
from examples.fulfillment_pb2 import ItemsPacked, Ship, Shipped
from examples.inventory_pb2 import StockReserved
from examples.order_fulfillment_pb2 import (
    DispatchIssued,
    FulfillmentStarted,
    OrderFulfillmentState,
    PrerequisiteCompleted,
    ProcessClosed,
    ReservationSeen,
)
from examples.order_pb2 import (
    CancelOrder,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderState,
)

PAYMENT = "payment"
IGNORED = "process.ignored"

_LOG = logging.getLogger("examples.order-fulfillment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An order has so many seconds to be paid."""

    timeout_seconds: int

    def handle(
        self, event: OrderCreated, state: OrderFulfillmentState, context: EventContext
    ) -> Decision | None:
        """Note what the order needs, and until when it must be paid."""
        order = context.root.hex
        if _is_over(state, order, context) or state.started:
            return None
        due = event.created_at.ToDatetime(tzinfo=UTC) + timedelta(seconds=self.timeout_seconds)
        roots = dict.fromkeys(item.inventory_root.bytes for item in event.items)
        started = FulfillmentStarted(order_id=order, inventory_roots=roots)
        started.payment_due.FromDatetime(due)
        arm = {} if PAYMENT in state.completed else {PAYMENT: due}
        return _decision(state, started, arm=arm)


def reserved(
    event: StockReserved, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Note that one product is reserved."""
    root = context.root.bytes
    if _is_over(state, event.order_id, context) or root in state.reserved_roots:
        return None
    return _decision(state, ReservationSeen(order_id=event.order_id, inventory_root=root))


def paid(
    _event: OrderCompleted, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Note the payment; it is not waited for any more."""
    return _complete(state, PAYMENT, context, disarm=(PAYMENT,))


def packed(
    _event: ItemsPacked, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Note that the shipment is ready."""
    return _complete(state, "fulfillment", context)


def cancelled(
    _event: OrderCancelled, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Close the process of an order that is off."""
    return _close(state, "cancelled", context)


def shipped(
    _event: Shipped, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Close the process of an order that has left."""
    return _close(state, "shipped", context)


def unpaid(
    _timeout: ProcessTimeout, state: OrderFulfillmentState, context: EventContext
) -> Decision | None:
    """Cancel the order, unless that is settled already."""
    if state.outcome:
        return None
    root = UUID(hex=state.order_id)
    book = context.book("order", root)
    order = orders.fold(book)
    assert isinstance(order, OrderState)  # noqa: S101 - what its fold makes
    if order.is_final:
        return None
    cancel = CancelOrder(reason="Payment timed out")
    command = CommandBook.to("order", root, cancel, sequence=book.next_page_number)
    return Decision(commands=[command])


def late_orders(event: Message, state: OrderFulfillmentState, _context: EventContext) -> list[UUID]:
    """Return the order whose payment is late."""
    is_late = isinstance(event, ProcessTimeout) and state.order_id
    return [UUID(hex=state.order_id)] if is_late else []


def _is_over(state: OrderFulfillmentState, order: str, context: EventContext) -> bool:
    """Say whether an event changes nothing: the process is closed, or follows another order."""
    if state.exists and state.order_id != order:
        extra = {"correlation_id": context.correlation_id, "reason": f"order {order}"}
        _LOG.warning(IGNORED, extra=extra)
        return True
    return bool(state.outcome)


def _complete(
    state: OrderFulfillmentState,
    prerequisite: str,
    context: EventContext,
    disarm: tuple[str, ...] = (),
) -> Decision | None:
    order = context.root.hex
    if _is_over(state, order, context) or prerequisite in state.completed:
        return None
    return _decision(state, _completion(state, prerequisite, order), disarm=disarm)


def _close(state: OrderFulfillmentState, outcome: str, context: EventContext) -> Decision | None:
    order = context.root.hex
    if _is_over(state, order, context):
        return None
    return Decision(events=[ProcessClosed(order_id=order, outcome=outcome)], disarm=[PAYMENT])


def _decision(state: OrderFulfillmentState, event: Message, **timers: object) -> Decision:
    """Return the event with all that follows from it at once."""
    after = OrderFulfillmentState()
    after.CopyFrom(state)
    events, commands = [event], []
    _apply(after, event)
    if after.started and {*after.inventory_roots} <= {*after.reserved_roots}:
        events += _once(after, "inventory")
    if not after.remaining and not after.dispatched:
        events.append(DispatchIssued(completed=after.completed))
        ship = Ship(carrier="auto", tracking_number=f"AUTO-{after.order_id}")
        commands.append(CommandBook.to("fulfillment", UUID(hex=after.order_id), ship))
    return Decision(events=events, commands=commands, **timers)  # type: ignore[arg-type]  # its own


def _once(after: OrderFulfillmentState, prerequisite: str) -> list[Message]:
    if prerequisite in after.completed:
        return []
    completion = _completion(after, prerequisite, after.order_id)
    _apply(after, completion)
    return [completion]


def _completion(
    state: OrderFulfillmentState, prerequisite: str, order: str
) -> PrerequisiteCompleted:
    remaining = [it for it in state.remaining if it != prerequisite]
    return PrerequisiteCompleted(
        prerequisite=prerequisite,
        completed=[*state.completed, prerequisite],
        remaining=remaining,
        order_id=order,
    )


def _apply(state: OrderFulfillmentState, event: Message) -> None:
    fold.apply(state, event.DESCRIPTOR.full_name, event.SerializeToString())
