"""What a projector would return (contract.md §4.10); nothing is stored."""

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.projector_pb2_grpc import ProjectorCoordinatorStub
from angzarr.types_pb2 import EventBook, Projection

from .logic import text_of
from .world import World


def given(*texts: str) -> EventBook:
    """Return given events."""
    book = EventBook()
    book.cover.address("order", bytes(16))
    for number, text in enumerate(texts):
        book.pages.add(num=number).event.Pack(StringValue(value=text))
    return book


async def ask(world: World, book: EventBook) -> Projection:
    """Ask for a speculation."""
    stub = ProjectorCoordinatorStub(world.channel("projector"))
    projection: Projection = await stub.HandleSpeculative(book, timeout=10, wait_for_ready=True)
    return projection


async def test_a_projection_is_returned_and_not_kept(empty_world: World) -> None:
    """For logic that declares that it can be asked so."""
    await empty_world.start("--component.speculative=true")

    projection = await ask(empty_world, given("one", "two"))

    assert (text_of(projection.projection), projection.sequence) == ("one", 1)
    assert projection.cover.domain == "order"
    assert empty_world.ledger.projections == []


@pytest.mark.parametrize(
    ("book", "code", "text"),
    [
        (given("one"), "FAILED_PRECONDITION", "does not support speculation"),
        (given(), "INVALID_ARGUMENT", "EventBook must have events"),
    ],
)
async def test_other_logic_is_not_asked(
    world: World, book: EventBook, code: str, text: str
) -> None:
    """It could have effects of its own."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(world, book)

    assert caught.value.code().name == code
    assert text in (caught.value.details() or "")
    assert world.projector.shown == []
