"""What a saga would decide (contract.md §4.5, ExecuteSpeculative); nothing is sent."""

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr import reaction_command_id
from angzarr.saga_pb2_grpc import SagaCoordinatorStub
from angzarr.types_pb2 import EventBook, SagaExecuteRequest, SagaResponse

from .logic import command
from .world import ROOT, SAGA, World


def request(*destinations: str) -> SagaExecuteRequest:
    """Return given books: an event on an edition, and destinations."""
    source = EventBook()
    source.cover.address("order", ROOT, edition="what-if", correlation="flow")
    source.pages.add(num=4, position=9).event.Pack(StringValue(value="given"))
    made = SagaExecuteRequest(source=source)
    for domain in destinations:
        made.destinations.add().cover.address(domain, ROOT)
    return made


async def ask(world: World, asked: SagaExecuteRequest) -> SagaResponse:
    """Ask for a speculation."""
    stub = SagaCoordinatorStub(world.channel("saga"))
    response: SagaResponse = await stub.ExecuteSpeculative(asked, timeout=10, wait_for_ready=True)
    return response


async def test_commands_are_stamped_and_not_sent(world: World) -> None:
    """As they would be: edition, origin, correlation and id of the given event."""
    world.saga.decide = lambda _: [command("reserve", root=ROOT)]

    response = await ask(world, request("inventory"))

    (book,) = response.commands
    place = ("order", "what-if", ROOT, 4)
    assert book.command_id == reaction_command_id(SAGA, place, 0)
    assert (book.cover.edition.name, book.cover.correlation_id) == ("what-if", "flow")
    assert book.saga_origin.triggering_event_sequence == 4
    assert await world.stock() == []
    assert world.ledger.decided == []


async def test_only_the_given_books_are_shown(world: World) -> None:
    """Nothing is prepared and nothing read; an empty list stays empty."""
    shown: list[SagaExecuteRequest] = []
    world.saga.decide = lambda asked: shown.append(asked) or []  # type: ignore[func-returns-value]

    await ask(world, request())

    assert shown == [request()]


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    [
        (SagaExecuteRequest(), "INVALID_ARGUMENT", "SagaExecuteRequest must have a source"),
    ],
)
async def test_a_source_must_be_given(
    world: World, asked: SagaExecuteRequest, code: str, text: str
) -> None:
    """Without an event there is nothing to decide on."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(world, asked)

    assert (caught.value.code().name, caught.value.details()) == (code, text)


async def test_a_reply_that_breaks_a_rule_says_so(world: World) -> None:
    """As it would park the event."""
    world.saga.decide = lambda _: [command("reserve", root=b"short")]

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(world, request())

    assert caught.value.code() is grpc.StatusCode.INTERNAL
