"""The journeys of the shop, through one gateway."""

import asyncio
import uuid
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from pytest_bdd import given, parsers, scenarios, then, when

from angzarr.types_pb2 import CommandBook, EventBook
from examples import inventory_root
from examples.fulfillment_pb2 import MarkPacked, MarkPicked, Ship
from examples.inventory_pb2 import (
    InitializeStock,
    ReservationCommitted,
    ReservationReleased,
    StockReserved,
)
from examples.order_pb2 import CancelOrder, ConfirmPayment, CreateOrder, LineItem, SubmitPayment

scenarios("journeys/shopping.feature")

pytestmark = pytest.mark.timeout(300)

DEADLINE_SECONDS = 60


class Journey:
    """One customer's way through the shop."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.product = f"SKU-{system.token}-{uuid.uuid4().hex[:8]}"
        self.orders = [uuid.uuid4()]
        self.tag = f"order-{uuid.uuid4().hex[:8]}"
        self.refusal = ""

    @property
    def order(self) -> uuid.UUID:
        """Return the root of the order."""
        return self.orders[0]

    def send(self, domain: str, root: uuid.UUID, command: Message, sequence: int) -> None:
        """Send a command that may be refused."""
        work = lambda it: it.send(domain, root, command, sequence=sequence, tag=self.tag)  # noqa: E731
        try:
            self.system.run(work)
        except grpc.aio.AioRpcError as error:
            self.refusal = error.details() or ""

    def book(self, domain: str, root: uuid.UUID) -> EventBook:
        """Return a history."""
        found: EventBook = self.system.run(lambda it: it.book(domain, root))
        return found

    def until(self, domain: str, root: uuid.UUID, type_name: str, count: int = 1) -> EventBook:
        """Wait until a history holds so many events of a type."""

        async def wait(gateway: Any) -> EventBook:
            book = EventBook()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    while True:
                        book = EventBook()
                        book.CopyFrom(await gateway.book(domain, root))
                        names = [page.type_name.rpartition(".")[2] for page in book.pages]
                        if names.count(type_name) == count:
                            return book
                        await asyncio.sleep(0.02)
            except TimeoutError:
                names = [page.type_name for page in book.pages]
                pytest.fail(f"{count} {type_name} expected in {names}", pytrace=False)

        found: EventBook = self.system.run(wait)
        return found

    def create(self, quantity: int, price: int) -> CreateOrder:
        """Return the command of a new order."""
        item = LineItem(product_id=self.product, quantity=quantity, unit_price_cents=price)
        return CreateOrder(customer_id="C-1", items=[item])


@pytest.fixture
def journey(system: Any) -> Journey:
    """Begin a journey."""
    return Journey(system)


@given(parsers.parse("{quantity:d} of a product in stock"))
def in_stock(journey: Journey, quantity: int) -> None:
    """Initialize the stock."""
    command = InitializeStock(product_id=journey.product, quantity=quantity)
    journey.send("inventory", inventory_root(journey.product), command, 0)


@when(parsers.re(r"a customer orders (?P<quantity>\d+) of it at (?P<price>\d+)$"))
def orders(journey: Journey, quantity: str, price: str) -> None:
    """Create an order."""
    journey.send("order", journey.order, journey.create(int(quantity), int(price)), 0)


@when("somebody who has not seen the order orders again at its place")
def orders_again(journey: Journey) -> None:
    """Create it again with the first sequence."""
    journey.send("order", journey.order, journey.create(1, 1), 0)


@when(parsers.parse("a customer orders {quantity:d} of it at {price:d} five times in one breath"))
def orders_impatiently(journey: Journey, quantity: int, price: int) -> None:
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
def order_together(journey: Journey, count: int, quantity: int, price: int) -> None:
    """Create many orders concurrently."""
    journey.orders = [uuid.uuid4() for _ in range(count)]
    command = journey.create(quantity, price)

    async def send(gateway: Any) -> None:
        async with asyncio.TaskGroup() as group:
            for root in journey.orders:
                group.create_task(gateway.send("order", root, command, tag=root.hex))

    journey.system.run(send)


@when(parsers.re(r"the customer pays (?P<amount>\d+)$"))
def pays(journey: Journey, amount: str) -> None:
    """Submit a payment."""
    command = SubmitPayment(payment_method="card", amount_cents=int(amount))
    journey.send("order", journey.order, command, 1)


@when(parsers.parse("the customer pays {amount:d} and the payment is confirmed"))
def pays_and_confirms(journey: Journey, amount: int) -> None:
    """Submit and confirm a payment."""
    pays(journey, str(amount))
    journey.send("order", journey.order, ConfirmPayment(payment_reference="P-1"), 2)


@when("the customer cancels")
def cancels(journey: Journey) -> None:
    """Cancel the order."""
    journey.send("order", journey.order, CancelOrder(reason="a change of mind"), 1)


@when("the shipment is picked, packed and shipped")
def ships(journey: Journey) -> None:
    """Take every step of the shipment."""
    steps = (
        MarkPicked(picker_id="P"),
        MarkPacked(packer_id="Q"),
        Ship(carrier="C", tracking_number="T"),
    )
    for sequence, command in enumerate(steps, start=1):
        journey.send("fulfillment", journey.order, command, sequence)


@then(parsers.parse("{quantity:d} of it are reserved for the order"))
def is_reserved(journey: Journey, quantity: int) -> None:
    """Wait for the reservation."""
    book = journey.until("inventory", inventory_root(journey.product), "StockReserved")
    event = StockReserved()
    assert book.pages[-1].event.Unpack(event)
    assert (event.order_id, event.quantity) == (journey.order.hex, quantity)


@then(parsers.parse("{total:d} of it are reserved, {quantity:d} for each order"))
def are_reserved(journey: Journey, total: int, quantity: int) -> None:
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
def is_completed(journey: Journey) -> None:
    """Expect the last event of the order."""
    assert journey.refusal == ""
    journey.until("order", journey.order, "OrderCompleted")


@then("a shipment of the order is waiting")
def has_shipment(journey: Journey) -> None:
    """Wait for the shipment."""
    journey.until("fulfillment", journey.order, "ShipmentCreated")


@then(parsers.parse("{left:d} of it are left and none are reserved"))
def are_left(journey: Journey, left: int) -> None:
    """Wait until the stock has settled."""
    root = inventory_root(journey.product)
    kind = ReservationReleased if left == 10 else ReservationCommitted
    event = kind()
    assert journey.until("inventory", root, kind.DESCRIPTOR.name).pages[-1].event.Unpack(event)
    assert (event.new_on_hand, event.new_reserved) == (left, 0)


@then("everything carries the mark of the order")
def is_marked(journey: Journey) -> None:
    """Expect the events of all three domains under one correlation id."""
    found = journey.system.run(lambda it: it.workflow(journey.tag))

    assert ("inventory", "StockReserved") in found
    assert ("inventory", "ReservationCommitted") in found
    assert ("order", "OrderCompleted") in found
    assert ("fulfillment", "Shipped") in found


@then("there is one order")
def one_order(journey: Journey) -> None:
    """Expect one event."""
    assert len(journey.book("order", journey.order).pages) == 1


@then(parsers.parse('it is refused with "{text}"'))
def is_refused(journey: Journey, text: str) -> None:
    """Expect the telling words."""
    assert text in journey.refusal
