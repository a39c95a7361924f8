"""The features of stock, bound to the business code."""

import pytest
from google.protobuf.message import Message
from pytest_bdd import given as g
from pytest_bdd import parsers, scenarios, then, when

from angzarr_example_aggregate_inventory import inventory
from angzarr_testing import AggregateCase, given
from examples.inventory_pb2 import (
    CommitReservation,
    InitializeStock,
    InventoryState,
    LowStockAlert,
    ReceiveStock,
    ReleaseReservation,
    ReserveStock,
    StockInitialized,
    StockReserved,
)

scenarios("inventory/inventory.feature")

ON_HAND = 10


class Story:
    """The history so far and the case under way."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.reserved = 0
        self.case: AggregateCase | None = None

    def do(self, command: Message) -> None:
        """Hand over a command."""
        self.case = given(inventory, *self.events).when(command)

    @property
    def outcome(self) -> AggregateCase:
        """Return the case with its answers."""
        assert self.case is not None
        return self.case


@pytest.fixture
def story() -> Story:
    """Begin a story."""
    return Story()


@g("nothing has happened")
def nothing() -> None:
    """Begin without a history."""


@g(parsers.re(r'10 "SKU-1" in stock(, threshold (?P<threshold>\d+))?$'))
def in_stock(story: Story, threshold: str | None) -> None:
    """Begin with stock."""
    story.events = [
        StockInitialized(
            product_id="SKU-1", quantity=ON_HAND, low_stock_threshold=int(threshold or 0)
        )
    ]


@g(parsers.parse('order "{order}" has reserved {quantity:d}'))
def has_reserved(story: Story, order: str, quantity: int) -> None:
    """Add a reservation, unless it is for nothing."""
    if quantity:
        story.reserved += quantity
        story.events.append(
            StockReserved(
                order_id=order,
                quantity=quantity,
                new_reserved=story.reserved,
                new_on_hand=ON_HAND,
                new_available=ON_HAND - story.reserved,
            )
        )


INITIALIZED = (
    r'stock of "(?P<product>.*)" is initialized with (?P<quantity>-?\d+), '
    r"threshold (?P<threshold>-?\d+)"
)


@when(parsers.re(INITIALIZED))
def initializes(story: Story, product: str, quantity: str, threshold: str) -> None:
    """Initialize the stock."""
    story.do(
        InitializeStock(
            product_id=product, quantity=int(quantity), low_stock_threshold=int(threshold)
        )
    )


@when(parsers.parse("{quantity:d} more come in"))
def receives(story: Story, quantity: int) -> None:
    """Receive goods."""
    story.do(ReceiveStock(quantity=quantity, reference="R"))


@when(parsers.re(r'order "(?P<order>.*)" reserves (?P<quantity>\d+)'))
def reserves(story: Story, order: str, quantity: str) -> None:
    """Reserve."""
    story.do(ReserveStock(order_id=order, quantity=int(quantity)))


@when(parsers.re(r'order "(?P<order>.*)" releases'))
def releases(story: Story, order: str) -> None:
    """Release."""
    story.do(ReleaseReservation(order_id=order))


@when(parsers.re(r'order "(?P<order>.*)" commits'))
def commits(story: Story, order: str) -> None:
    """Commit."""
    story.do(CommitReservation(order_id=order))


@then(parsers.parse("{on_hand:d} are on hand and {reserved:d} reserved"))
def are_on_hand(story: Story, on_hand: int, reserved: int) -> None:
    """Expect the state after the events, whose reservations add up."""
    for state in story.outcome.states(InventoryState):
        assert (state.on_hand, state.reserved) == (on_hand, reserved)
        assert sum(state.reservations.values()) == reserved


@then(parsers.parse('order "{order}" is told that {available:d} are available'))
def is_told(story: Story, order: str, available: int) -> None:
    """Expect the event of the reservation."""
    story.outcome.then(
        StockReserved(
            order_id=order,
            quantity=6,
            new_available=available,
            new_reserved=ON_HAND - available,
            new_on_hand=ON_HAND,
        )
    )


@then(parsers.parse('it is refused: "{text}"'))
def is_refused(story: Story, text: str) -> None:
    """Expect exactly this text."""
    story.outcome.then_rejected(text)


@then(parsers.parse("low stock is {alerted}"))
def is_alerted(story: Story, alerted: str) -> None:
    """Expect one alert, or none."""
    for events in story.outcome.events():
        alerts = [event for event in events if event.Is(LowStockAlert.DESCRIPTOR)]
        assert len(alerts) == (1 if alerted == "reported" else 0)
