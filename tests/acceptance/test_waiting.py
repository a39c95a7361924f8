"""Whoever waits for what follows from a command hears what became of it (contract.md §4.2)."""

import signal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from pytest_bdd import given, scenarios, then, when

from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    CommandResult,
    ComponentResult,
    SyncCommandBook,
    SyncMode,
)
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock
from examples.order_pb2 import ConfirmPayment, SubmitPayment

from .conftest import need_own_supervisor

scenarios("journeys/waiting.feature")

pytestmark = pytest.mark.timeout(300)

VIEW = "projector-inventory-stock"
APPLIED, TIMED_OUT = (
    ComponentResult.COMPONENT_RESULT_APPLIED,
    ComponentResult.COMPONENT_RESULT_TIMED_OUT,
)
FOLLOWERS = {
    ("order-fulfillment", "order", 0),
    ("saga-order-fulfillment", "order", 0),
    ("saga-order-inventory", "order", 0),
    ("order-fulfillment", "fulfillment", 1),
    ("saga-fulfillment-inventory", "fulfillment", 1),
}


@given("a stocked product")
def stocked(journey: Any) -> None:
    """Initialize its stock."""
    command = InitializeStock(product_id=journey.product, quantity=10)
    journey.send("inventory", inventory_root(journey.product), command, 0)


@given("an order that is reserved and paid")
def reserved_and_paid(journey: Any) -> None:
    """Stock it, order it, wait for the reservation, submit the payment."""
    stocked(journey)
    journey.send("order", journey.order, journey.create(2, 500), 0)
    journey.until("inventory", inventory_root(journey.product), "StockReserved")
    pay = SubmitPayment(payment_method="card", amount_cents=1000)
    journey.send("order", journey.order, pay, 1)


@pytest.fixture
def still(system: Any) -> Iterator[list[str]]:
    """Return the processes that stand still; at the end they go on."""
    stopped: list[str] = []
    yield stopped
    for name in stopped:
        system.signal(name, signal.SIGCONT)


@given("the view of the stock stands still")
def stands_still(system: Any, still: list[str]) -> None:
    """Stop its coordinator without ending it."""
    need_own_supervisor()
    name = f"coordinator-{VIEW}"
    system.signal(name, signal.SIGSTOP)
    still.append(name)


def cascade(journey: Any, command: Message, sequence: int, seconds: float) -> CommandResponse:
    """Send a command of the order with CASCADE."""
    book = CommandBook.to("order", journey.order, command, sequence=sequence)
    book.cover.correlation_id, book.command_id = journey.tag, str(uuid.uuid4())
    request = SyncCommandBook(command=book, sync_mode=SyncMode.SYNC_MODE_CASCADE)
    found: CommandResponse = journey.system.run(
        lambda it: it.commands.ExecuteSync(request, timeout=seconds, wait_for_ready=True)
    )
    return found


def places(answer: CommandResponse, result: int) -> set[tuple[str, str, int]]:
    """Return component, domain and depth of the outcomes with a result."""
    found = [it for it in answer.outcomes if it.result == result]
    return {(it.component, it.domain, it.depth) for it in found}


@when("the payment is confirmed and all that follows is waited for", target_fixture="answer")
def confirms(journey: Any) -> CommandResponse:
    """Confirm it."""
    return cascade(journey, ConfirmPayment(payment_reference="P-1"), 2, 60)


@when(
    "a customer orders it and waits for all that follows, but not for long",
    target_fixture="answer",
)
def orders_in_a_hurry(journey: Any) -> CommandResponse:
    """Order two of it, with a short deadline."""
    return cascade(journey, journey.create(2, 500), 0, 5)


@then("the answer comes after the shipment was created")
def after_the_shipment(journey: Any, answer: CommandResponse) -> None:
    """It is there without another wait."""
    shipment = journey.book("fulfillment", journey.order)

    assert [it.type_name for it in answer.events.pages] == ["examples.OrderCompleted"]
    assert [it.type_name for it in shipment.pages] == ["examples.ShipmentCreated"]


@then("it says what became of it at each service")
def each_service(answer: CommandResponse) -> None:
    """All of them have applied it; what the saga sent was accepted."""
    assert places(answer, APPLIED) == FOLLOWERS
    assert len(answer.outcomes) == len(FOLLOWERS)
    sent = [it for outcome in answer.outcomes for it in outcome.commands]
    assert [it.command_type for it in sent] == ["examples.CreateShipment"]
    assert [it.result for it in sent] == [CommandResult.COMMAND_RESULT_ACCEPTED]


@then("it is reserved")
def is_reserved(journey: Any, answer: CommandResponse) -> None:
    """The events are there, whatever the answer says of the view."""
    stock = journey.book("inventory", inventory_root(journey.product))

    assert [it.type_name for it in answer.events.pages] == ["examples.OrderCreated"]
    assert "examples.StockReserved" in {it.type_name for it in stock.pages}


@then("the answer says that only the view is late")
def only_the_view(answer: CommandResponse) -> None:
    """Everybody else has applied it."""
    assert places(answer, TIMED_OUT) == {(VIEW, "inventory", 1)}
    assert ("saga-order-inventory", "order", 0) in places(answer, APPLIED)
    assert places(answer, APPLIED) | places(answer, TIMED_OUT) == places_of_all(answer)


def places_of_all(answer: CommandResponse) -> set[tuple[str, str, int]]:
    """Return component, domain and depth of all outcomes."""
    return {(it.component, it.domain, it.depth) for it in answer.outcomes}
