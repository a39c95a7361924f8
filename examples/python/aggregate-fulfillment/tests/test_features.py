"""The features of shipments, bound to the business code."""

import pytest
from google.protobuf.message import Message
from pytest_bdd import given as g
from pytest_bdd import parsers, scenarios, then, when

from angzarr.types_pb2 import RevocationResponse
from angzarr_example_aggregate_fulfillment import fulfillment
from angzarr_testing import AggregateCase, given
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
from examples.inventory_pb2 import CommitReservation

scenarios("fulfillment/fulfillment.feature")

HISTORY: dict[str, Message] = {
    "pending": ShipmentCreated(order_id="A", status="pending"),
    "picked": ItemsPicked(picker_id="P"),
    "packed": ItemsPacked(packer_id="Q"),
    "shipped": Shipped(carrier="C", tracking_number="T", order_id="A"),
    "delivered": Delivered(signature="S"),
}
STEPS: dict[str, Message] = {
    "picked": MarkPicked(picker_id="P"),
    "packed": MarkPacked(packer_id="Q"),
    "shipped": Ship(carrier="C", tracking_number="T"),
    "delivered": RecordDelivery(signature="S"),
}
WITHOUT: dict[str, Message] = {
    "picked without person": MarkPicked(),
    "packed without person": MarkPacked(),
    "shipped without carrier": Ship(tracking_number="T"),
    "shipped without tracking": Ship(carrier="C"),
}


class Story:
    """The history so far and the case under way."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.case: AggregateCase | None = None

    def do(self, command: Message) -> None:
        """Hand over a command."""
        self.case = given(fulfillment, *self.events).when(command)

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


@g(parsers.parse("a shipment that is {status}"))
def shipment(story: Story, status: str) -> None:
    """Begin with a shipment on its way."""
    names = list(HISTORY)
    story.events = [HISTORY[name] for name in names[: names.index(status) + 1]]


@when(parsers.re(r'a shipment for order "(?P<order>.*)" is created'))
def creates(story: Story, order: str) -> None:
    """Create a shipment."""
    story.do(CreateShipment(order_id=order))


@when(parsers.re(r"it is (?P<step>\w+)$"))
def goes_on(story: Story, step: str) -> None:
    """Take a step."""
    story.do(STEPS[step])


@when(parsers.re(r"it is (?P<step>\w+ without \w+)$"))
def goes_on_without(story: Story, step: str) -> None:
    """Take a step that lacks something."""
    story.do(WITHOUT[step])


@when(parsers.parse('the commitment is refused because of "{reason}"'))
def commit_refused(story: Story, reason: str) -> None:
    """Hear that the stock knows of no reservation."""
    case = given(fulfillment, *story.events)
    story.case = case.when_rejected(CommitReservation(order_id="A"), reason)


@then(parsers.parse('the shipment is "{status}"'))
def has_status(story: Story, status: str) -> None:
    """Expect the state after the event."""
    assert {state.status for state in story.outcome.states(FulfillmentState)} == {status}


@then(parsers.parse('it is refused: "{text}"'))
def is_refused(story: Story, text: str) -> None:
    """Expect exactly this text."""
    story.outcome.then_rejected(text)


@then(parsers.parse('people are told and the case is kept: "{reason}"'))
def is_escalated(story: Story, reason: str) -> None:
    """Expect an alert and a dead letter."""
    story.outcome.then_revoked(
        RevocationResponse(escalate=True, send_to_dead_letter_queue=True, reason=reason)
    )
