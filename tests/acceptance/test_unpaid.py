"""An order that nobody pays is called off, although the one who waits for it dies."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from angzarr import process_root
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock, ReservationReleased
from examples.order_pb2 import OrderCancelled

from .journey import Journey
from .shop import SHOP

WATCHER = "order-fulfillment"

scenarios("journeys/unpaid.feature")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def shops(make_shop: Callable[..., Any]) -> Iterator[list[Any]]:
    """Return what holds the shop of the scenario; it ends with it."""
    made = [make_shop(SHOP)]
    yield made
    if made[0].supervisor is not None:
        made[0].stop()


@given(
    parsers.parse("a shop in which orders are to be paid within {seconds:d} seconds"),
    target_fixture="journey",
)
def hasty(shops: list[Any], seconds: int) -> Journey:
    """Start it; its customers have little time."""
    (shop,) = shops
    text = shop.config.read_text(encoding="utf-8")
    run = re.escape("    run: [angzarr-example-process-manager-order-fulfillment]")
    told = f'    env: {{PAYMENT_TIMEOUT_SECONDS: "{seconds}"}}'
    changed, count = re.subn(f"({run})", rf"\1\n{told}", text)
    assert count == 1
    shop.config.write_text(changed, encoding="utf-8")
    shop.start()
    return Journey(shop)


@given(parsers.parse("{quantity:d} of a product in stock"))
def in_stock(journey: Any, quantity: int) -> None:
    """Initialize the stock."""
    command = InitializeStock(product_id=journey.product, quantity=quantity)
    journey.send("inventory", inventory_root(journey.product), command, 0)


@when(parsers.parse("a customer orders {quantity:d} of it at {price:d}"))
def orders(journey: Any, quantity: int, price: int) -> None:
    """Create an order, and wait until the process knows of it."""
    journey.send("order", journey.order, journey.create(quantity, price), 0)
    journey.until(WATCHER, process_root(journey.tag), "FulfillmentStarted")


@when("whoever watches the time of payment is killed without warning")
def killed(journey: Any) -> None:
    """Kill the coordinator that keeps the timer."""
    journey.system.kill(f"coordinator-{WATCHER}")


@then(parsers.parse('the order is called off once because "{reason}"'))
def called_off(journey: Any, reason: str) -> None:
    """Wait for the cancellation; the timeout is in the process once, and that is over."""
    event = OrderCancelled()
    pages = journey.until("order", journey.order, "OrderCancelled").pages
    assert pages[-1].event.Unpack(event)
    assert event.reason == reason
    book = journey.until(WATCHER, process_root(journey.tag), "ProcessClosed")
    names = [page.type_name.rpartition(".")[2] for page in book.pages]
    assert names.count("ProcessTimeout") == 1


@then(parsers.parse("{left:d} of it are left and none are reserved"))
def are_left(journey: Any, left: int) -> None:
    """Wait until the stock is free again."""
    event = ReservationReleased()
    book = journey.until("inventory", inventory_root(journey.product), "ReservationReleased")
    assert book.pages[-1].event.Unpack(event)
    assert (event.new_on_hand, event.new_reserved) == (left, 0)
