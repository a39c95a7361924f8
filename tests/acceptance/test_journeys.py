"""The journeys of the shop, through one gateway."""

import asyncio
import uuid
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from angzarr import FAILURE_DOMAIN, failure_root, reaction_command_id
from angzarr.types_pb2 import CommandBook, SagaCompensationFailed
from examples import inventory_root
from examples.fulfillment_pb2 import CreateShipment, MarkPacked, MarkPicked, Shipped
from examples.inventory_pb2 import (
    InitializeStock,
    ReservationCommitted,
    ReservationReleased,
    StockReserved,
)
from examples.order_pb2 import CancelOrder, ConfirmPayment, OrderCancelled, SubmitPayment

scenarios(
    "journeys/shopping.feature",
    "journeys/refused-stock.feature",
    "journeys/nothing-taken-back.feature",
)

pytestmark = pytest.mark.timeout(300)


@given(parsers.parse("{quantity:d} of a product in stock"))
def in_stock(journey: Any, quantity: int) -> None:
    """Initialize the stock."""
    command = InitializeStock(product_id=journey.product, quantity=quantity)
    journey.send("inventory", inventory_root(journey.product), command, 0)


@given(parsers.parse("{quantity:d} of another product in stock"))
def another_in_stock(journey: Any, quantity: int) -> None:
    """Initialize the stock of a second product."""
    other = f"{journey.product}-2"
    command = InitializeStock(product_id=other, quantity=quantity)
    journey.send("inventory", inventory_root(other), command, 0)


@given("a shipment for somebody else stands where the order's would")
def shipment_in_the_way(journey: Any) -> None:
    """Create a shipment by hand at the root of the order."""
    command = CreateShipment(order_id="somebody else's")
    journey.send("fulfillment", journey.order, command, 0)


@when(parsers.parse("a customer orders {quantity:d} of each"))
def orders_both(journey: Any, quantity: int) -> None:
    """Create an order of two products."""
    command = journey.create(quantity, 1)
    command.items.add(product_id=f"{journey.product}-2", quantity=quantity, unit_price_cents=1)
    journey.send("order", journey.order, command, 0)


@when("a customer tries to write a record")
def writes_a_record(journey: Any) -> None:
    """Send what only sagas send."""
    journey.send(FAILURE_DOMAIN, journey.order, SagaCompensationFailed(), 0)


@when(parsers.re(r"a customer orders (?P<quantity>\d+) of it at (?P<price>\d+)$"))
def orders(journey: Any, quantity: str, price: str) -> None:
    """Create an order."""
    journey.send("order", journey.order, journey.create(int(quantity), int(price)), 0)


@when("somebody who has not seen the order orders again at its place")
def orders_again(journey: Any) -> None:
    """Create it again with the first sequence."""
    journey.send("order", journey.order, journey.create(1, 1), 0)


@when(parsers.parse("a customer orders {quantity:d} of it at {price:d} five times in one breath"))
def orders_impatiently(journey: Any, quantity: int, price: int) -> None:
    """Send the same command with the same id five times at once."""
    book = CommandBook.to("order", journey.order, journey.create(quantity, price))
    book.command_id = str(uuid.uuid4())

    async def send(gateway: Any) -> list[int]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(gateway.settle(_copy(book))) for _ in range(5)]
        return [task.result().position for task in tasks]

    assert len(set(journey.system.run(send))) == 1


def _copy(book: CommandBook) -> CommandBook:
    return CommandBook.FromString(book.SerializeToString())


@when(parsers.parse("{count:d} customers order {quantity:d} of it at {price:d} at the same time"))
def order_together(journey: Any, count: int, quantity: int, price: int) -> None:
    """Create many orders concurrently."""
    journey.orders = [uuid.uuid4() for _ in range(count)]
    command = journey.create(quantity, price)

    async def send(gateway: Any) -> None:
        async with asyncio.TaskGroup() as group:
            for root in journey.orders:
                group.create_task(gateway.send("order", root, command, tag=root.hex))

    journey.system.run(send)


@when(parsers.re(r"the customer pays (?P<amount>\d+)$"))
def pays(journey: Any, amount: str) -> None:
    """Submit a payment."""
    command = SubmitPayment(payment_method="card", amount_cents=int(amount))
    journey.send("order", journey.order, command, 1)


@when(parsers.parse("the customer pays {amount:d} and the payment is confirmed"))
def pays_and_confirms(journey: Any, amount: int) -> None:
    """Submit and confirm a payment."""
    pays(journey, str(amount))
    journey.send("order", journey.order, ConfirmPayment(payment_reference="P-1"), 2)


@when("the customer cancels")
def cancels(journey: Any) -> None:
    """Cancel the order."""
    journey.send("order", journey.order, CancelOrder(reason="a change of mind"), 1)


@when("the shipment is picked and packed")
def packs(journey: Any) -> None:
    """Take the steps of the shipment that people take."""
    steps = (MarkPicked(picker_id="P"), MarkPacked(packer_id="Q"))
    for sequence, command in enumerate(steps, start=1):
        journey.send("fulfillment", journey.order, command, sequence)


@then(parsers.parse("{quantity:d} of it are reserved for the order"))
def is_reserved(journey: Any, quantity: int) -> None:
    """Wait for the reservation."""
    book = journey.until("inventory", inventory_root(journey.product), "StockReserved")
    event = StockReserved()
    assert book.pages[-1].event.Unpack(event)
    assert (event.order_id, event.quantity) == (journey.order.hex, quantity)


@then(parsers.parse("{total:d} of it are reserved, {quantity:d} for each order"))
def are_reserved(journey: Any, total: int, quantity: int) -> None:
    """Wait for every reservation; none is doubled."""
    count = total // quantity
    book = journey.until("inventory", inventory_root(journey.product), "StockReserved", count)
    found = []
    for page in book.pages[1:]:
        event = StockReserved()
        assert page.event.Unpack(event)
        found.append((event.order_id, event.quantity))

    assert sorted(found) == sorted((root.hex, quantity) for root in journey.orders)


@then("the order is completed")
def is_completed(journey: Any) -> None:
    """Expect the last event of the order."""
    assert journey.refusal == ""
    journey.until("order", journey.order, "OrderCompleted")


@then("a shipment of the order is waiting")
def has_shipment(journey: Any) -> None:
    """Wait for the shipment."""
    journey.until("fulfillment", journey.order, "ShipmentCreated")


@then("the shipment leaves by itself")
def leaves(journey: Any) -> None:
    """Wait for what the process sends."""
    event = Shipped()
    pages = journey.until("fulfillment", journey.order, "Shipped").pages
    assert pages[-1].event.Unpack(event)
    assert event.tracking_number == f"AUTO-{journey.order.hex}"


@then(parsers.parse("{left:d} of it are left and none are reserved"))
def are_left(journey: Any, left: int) -> None:
    """Wait until the stock has settled."""
    root = inventory_root(journey.product)
    kind = ReservationReleased if left == 10 else ReservationCommitted
    event = kind()
    assert journey.until("inventory", root, kind.DESCRIPTOR.name).pages[-1].event.Unpack(event)
    assert (event.new_on_hand, event.new_reserved) == (left, 0)


@then("everything carries the mark of the order")
def is_marked(journey: Any) -> None:
    """Expect the events of all three domains under one correlation id."""
    found = journey.system.run(lambda it: it.workflow(journey.tag))

    assert ("inventory", "StockReserved") in found
    assert ("inventory", "ReservationCommitted") in found
    assert ("order", "OrderCompleted") in found
    assert ("fulfillment", "Shipped") in found
    assert ("order-fulfillment", "DispatchIssued") in found


@then("there is one order")
def one_order(journey: Any) -> None:
    """Expect one event."""
    assert len(journey.book("order", journey.order).pages) == 1


@then(parsers.parse('it is refused with "{text}"'))
def is_refused(journey: Any, text: str) -> None:
    """Expect the telling words."""
    assert text in journey.refusal


@then(parsers.parse('the order is cancelled with "{text}"'))
def is_cancelled(journey: Any, text: str) -> None:
    """Wait for the cancellation and the telling words of its reason."""
    event = OrderCancelled()
    pages = journey.until("order", journey.order, "OrderCancelled").pages
    assert pages[-1].event.Unpack(event)
    assert event.reason == f"Stock reservation rejected: {text}"


@then("the cancellation carries the mark of the order")
def cancellation_is_marked(journey: Any) -> None:
    """Expect one order and one cancellation under one correlation id."""
    found = journey.system.run(lambda it: it.workflow(journey.tag))

    orders = [it for it in found if it[0] == "order"]
    assert orders == [("order", "OrderCreated"), ("order", "OrderCancelled")]


@then(parsers.parse('a record says that "{text}" and that nobody took the order back'))
def is_recorded(journey: Any, text: str) -> None:
    """Wait for the record, whose root is derived from the refused command."""
    completed = ("order", "angzarr", journey.order.bytes, 2)
    root = failure_root(reaction_command_id("saga-order-fulfillment", completed, 0))
    book = journey.until(FAILURE_DOMAIN, root, "SagaCompensationFailed")
    failed = SagaCompensationFailed()
    assert book.pages[0].event.Unpack(failed)
    assert failed.rejection_reason == text
    assert failed.compensation_failure_reason == "order has no .on_rejected(CreateShipment)"
    assert failed.triggering_aggregate.root.value == journey.order.bytes


@then("the record carries the mark of the order")
def record_is_marked(journey: Any) -> None:
    """Expect it in the workflow of the order."""
    found = journey.system.run(lambda it: it.workflow(journey.tag))

    assert (FAILURE_DOMAIN, "SagaCompensationFailed") in found
