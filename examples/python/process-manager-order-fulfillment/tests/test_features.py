"""The features of the process, bound to its logic."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pytest_bdd import given as g
from pytest_bdd import parsers, scenarios, then, when

from angzarr.types_pb2 import CommandBook
from angzarr_example_process_manager_order_fulfillment import router
from angzarr_testing import ProcessCase, given
from examples import inventory_root
from examples.fulfillment_pb2 import ItemsPacked, Ship, Shipped
from examples.inventory_pb2 import StockReserved
from examples.order_fulfillment_pb2 import (
    DispatchIssued,
    FulfillmentStarted,
    PrerequisiteCompleted,
    ProcessClosed,
)
from examples.order_pb2 import (
    CancelOrder,
    LineItem,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
)

scenarios("order-fulfillment/order-fulfillment.feature")

ORDER = UUID(bytes=bytes(range(16)))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ALL = ["payment", "inventory", "fulfillment"]


def placed(*products: str) -> OrderCreated:
    """Return the news of an order."""
    items = [LineItem(product_id=product, quantity=1) for product in products]
    event = OrderCreated(customer_id="C-1", items=items)
    event.created_at.FromDatetime(NOW)
    return event


def hold(case: ProcessCase, product: str, order: UUID = ORDER) -> None:
    """Show that a product is held for an order."""
    case.when(StockReserved(quantity=1, order_id=order.hex), root=inventory_root(product))


@pytest.fixture
def case() -> ProcessCase:
    """Begin a case of the order's process."""
    return given(router(1800), root=ORDER, now=NOW).destination("order", ORDER, placed("SKU-1"))


@g('an order for "SKU-1" and "SKU-2"')
def an_order(case: ProcessCase) -> None:
    """Let it be placed."""
    case.when(placed("SKU-1", "SKU-2"))


@g('"SKU-1" is held for it')
@when('"SKU-1" is held for it once more')
@g('"SKU-1" was held for an order that nobody has seen')
def held(case: ProcessCase) -> None:
    """Show the reservation."""
    hold(case, "SKU-1")


@g("it is paid")
def is_paid(case: ProcessCase) -> None:
    """Show the payment."""
    case.when(OrderCompleted())


@g("the order is off, but the news is late")
def off_already(case: ProcessCase) -> None:
    """Let the order have been cancelled."""
    case.destination("order", ORDER, placed("SKU-1"), OrderCancelled())


@when(parsers.parse("these happen one after the other: {first}, {second}, {third}, {last}"))
def in_order(case: ProcessCase, first: str, second: str, third: str, last: str) -> None:
    """Show four events; nothing leaves before the last."""
    news = {"it is paid": OrderCompleted(), "it is packed": ItemsPacked()}
    for what in (first, second, third, last):
        assert case.commands == []
        if what in news:
            case.when(news[what])
        else:
            hold(case, what.removesuffix(" is held"))


@when('the order for "SKU-1" is placed')
def is_placed(case: ProcessCase) -> None:
    """Show the order."""
    case.when(placed("SKU-1"))


@when('"SKU-1" is held for another order')
def held_for_another(case: ProcessCase) -> None:
    """Show the reservation of another order under the same correlation id."""
    hold(case, "SKU-1", UUID(int=9))


@when(parsers.parse("nobody pays for {seconds:d} seconds"))
@when(parsers.parse("{seconds:d} seconds go by"))
def time_goes_by(case: ProcessCase, seconds: int) -> None:
    """Let time pass."""
    case.after(seconds)


@when("the customer calls it off")
def called_off(case: ProcessCase) -> None:
    """Show the cancellation."""
    case.when(OrderCancelled())


@when("it is packed")
def is_packed(case: ProcessCase) -> None:
    """Show the packed parcel."""
    case.when(ItemsPacked())


@when("somebody ships it by hand")
def by_hand(case: ProcessCase) -> None:
    """Show the shipment."""
    case.when(Shipped(order_id=ORDER.hex))


@then("the order leaves exactly once, at the end")
def leaves(case: ProcessCase) -> None:
    """Expect the dispatch, whatever completed the rest."""
    ship = Ship(carrier="auto", tracking_number=f"AUTO-{ORDER.hex}")
    assert case.commands == [CommandBook.to("fulfillment", ORDER, ship)]
    assert [type(event) for event in case.events].count(DispatchIssued) == 1


@then("its products are complete")
def complete(case: ProcessCase) -> None:
    """Expect the order and its products together."""
    due = NOW + timedelta(seconds=1800)
    case.then(events=[started("SKU-1"), done("inventory")], armed={"payment": due})


@then("nothing happens")
def nothing(case: ProcessCase) -> None:
    """Expect nothing."""
    case.then_nothing()


@then(parsers.parse("it is to be paid within {seconds:d} seconds"))
def to_be_paid(case: ProcessCase, seconds: int) -> None:
    """Expect the timer."""
    due = NOW + timedelta(seconds=seconds)
    case.then(events=[started("SKU-1")], armed={"payment": due})


@then(parsers.parse('the order is called off because "{reason}"'))
def is_called_off(case: ProcessCase, reason: str) -> None:
    """Expect the command."""
    case.then(commands=[CommandBook.to("order", ORDER, CancelOrder(reason=reason))])


@then(parsers.parse('the process is over with "{outcome}"'))
def is_over(case: ProcessCase, outcome: str) -> None:
    """Expect the end."""
    case.then(events=[ProcessClosed(order_id=ORDER.hex, outcome=outcome)], disarmed=["payment"])


def started(*products: str) -> FulfillmentStarted:
    """Return the first event of the process."""
    roots = [inventory_root(product).bytes for product in products]
    event = FulfillmentStarted(order_id=ORDER.hex, inventory_roots=roots)
    event.payment_due.FromDatetime(NOW + timedelta(seconds=1800))
    return event


def done(prerequisite: str) -> PrerequisiteCompleted:
    """Return the completion of the first prerequisite."""
    return PrerequisiteCompleted(
        prerequisite=prerequisite,
        completed=[prerequisite],
        remaining=[it for it in ALL if it != prerequisite],
        order_id=ORDER.hex,
    )
