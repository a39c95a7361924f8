"""What the shop would do about an event, asked through its gateway."""

import uuid
from typing import Any

import grpc
import pytest

from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.speculative_pb2 import SpeculateProjectorRequest, SpeculateSagaRequest
from angzarr.speculative_pb2_grpc import SpeculativeServiceStub
from angzarr.types_pb2 import Cover, EventBook, Query
from examples.order_pb2 import OrderCompleted

pytestmark = pytest.mark.timeout(300)


def completed(order: uuid.UUID) -> EventBook:
    """Return an event that never happened."""
    book = EventBook(cover=Cover().address("order", order, correlation="imagined"))
    return book.record(OrderCompleted(final_total_cents=5, payment_reference="P"))


def test_a_saga_says_what_it_would_send(module_shop: Any) -> None:
    """The command is stamped as it would be, and nothing is shipped."""
    order = uuid.uuid4()
    shipment = Query(cover=Cover().address("fulfillment", order))
    request = SpeculateSagaRequest(
        saga_name="saga-order-fulfillment",
        source=completed(order),
        destinations=[EventBook(cover=shipment.cover)],
    )
    with grpc.insecure_channel(module_shop.endpoint) as channel:
        response = SpeculativeServiceStub(channel).SpeculateSaga(request, timeout=30)
        stored = EventQueryStub(channel).GetEventBook(shipment, timeout=30)

    (book,) = response.commands
    assert book.type_name == "examples.CreateShipment"
    assert (book.cover.domain, book.cover.correlation_id) == ("fulfillment", "imagined")
    assert book.saga_origin.saga_name == "saga-order-fulfillment"
    assert list(stored.pages) == []


def test_a_projector_with_a_read_model_is_not_asked(module_shop: Any) -> None:
    """By its name, or by the only domain that it reads."""
    request = SpeculateProjectorRequest(projector_name="inventory", events=EventBook())
    request.events.cover.address("inventory", uuid.uuid4())
    request.events.record(OrderCompleted())
    with (
        grpc.insecure_channel(module_shop.endpoint) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        SpeculativeServiceStub(channel).SpeculateProjector(request, timeout=30)

    error: Any = caught.value
    text = "Projector 'projector-inventory-stock' does not support speculation"
    assert (error.code(), error.details()) == (grpc.StatusCode.FAILED_PRECONDITION, text)
