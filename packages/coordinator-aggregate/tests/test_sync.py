"""What AggregateCoordinator.HandleSync answers (contract.md §4.2)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.projector_pb2_grpc import (
    ProjectorCoordinatorServicer,
    add_ProjectorCoordinatorServicer_to_server,
)
from angzarr.types_pb2 import (
    CommandBook,
    CommandResponse,
    ComponentResult,
    Projection,
    SyncCommandBook,
    SyncEventBook,
)
from angzarr_discovery import Component, Interest

ROOT = bytes(range(16))
NONE, SIMPLE, CASCADE = range(3)
APPLIED, TIMED_OUT = (
    ComponentResult.COMPONENT_RESULT_APPLIED,
    ComponentResult.COMPONENT_RESULT_TIMED_OUT,
)


class View(ProjectorCoordinatorServicer):  # type: ignore[misc]  # an untyped base of generated code
    """A foreign projector."""

    def __init__(self) -> None:
        self.books: list[Any] = []

    async def HandleSync(self, request: SyncEventBook, _: Any) -> Projection:  # noqa: N802 - the name on the wire
        """Return the last event."""
        self.books.append(request.events)
        return Projection(projection=request.events.pages[-1].event)


@pytest.fixture
async def view(run_directory: Path) -> AsyncIterator[View]:
    """Serve the projector "a-view"."""
    made, server = View(), grpc.aio.server()
    add_ProjectorCoordinatorServicer_to_server(made, server)
    server.add_insecure_port(f"unix:{run_directory / 'a-view'}.sock")
    await server.start()
    yield made
    await server.stop(None)


@pytest.fixture
def known(run_directory: Path, view: View) -> tuple[Component, ...]:
    """Return that projector twice, and one that is away."""
    del view
    at = {"z-view": "a-view", "a-view": "a-view", "m-gone": "gone"}
    return tuple(
        Component(
            name=name,
            kind="projector",
            domain="",
            addresses=(f"unix:{run_directory / place}.sock",),
            inputs=(Interest(domain="order"),),
        )
        for name, place in at.items()
    )


async def sync(
    world: Any, word: str, mode: int, *, sequence: int = 0, seconds: float = 1
) -> CommandResponse:
    """Send a command that says `word` to the logic, and wait as the mode says."""
    book = CommandBook.to("order", ROOT, StringValue(value=word), sequence=sequence)
    book.command_id = word
    request = SyncCommandBook(command=book, sync_mode=mode)  # type: ignore[arg-type]  # any number
    response: CommandResponse = await world.commands.HandleSync(request, timeout=seconds)
    return response


async def test_without_a_mode_nobody_is_waited_for(world: Any, view: View) -> None:
    """NONE is Handle: no outcomes, no projections."""
    response = await sync(world, "hello", NONE)

    assert (response.position, len(response.events.pages)) == (1, 1)
    assert (list(response.outcomes), list(response.projections)) == ([], [])
    assert view.books == []


@pytest.mark.parametrize("mode", [SIMPLE, CASCADE])
async def test_an_answer_lists_who_was_waited_for(world: Any, mode: int) -> None:
    """It is OK after the commit, whatever became of the rest."""
    response = await sync(world, "hello", mode)

    assert (response.position, len(response.events.pages)) == (1, 1)
    results = {it.component: it.result for it in response.outcomes}
    assert results == {"a-view": APPLIED, "m-gone": TIMED_OUT, "z-view": APPLIED}
    assert [it.projector for it in response.projections] == ["a-view", "z-view"]
    assert {it.message for it in response.outcomes if it.result == TIMED_OUT} == {"unreachable"}


async def test_a_repeat_waits_anew(world: Any, view: View) -> None:
    """The first result comes back, and what follows is asked for again."""
    first = await sync(world, "hello", SIMPLE)
    again = await sync(world, "hello", SIMPLE)

    assert again.events == first.events
    assert len(again.outcomes) == 3
    assert len(view.books) == 4


async def test_a_command_without_events_is_not_waited_for(world: Any, view: View) -> None:
    """Nothing was appended that anybody could apply."""
    response = await sync(world, "nothing", SIMPLE)

    assert (list(response.outcomes), view.books) == ([], [])


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (SyncCommandBook(sync_mode=1), "SyncCommandBook must have a command"),  # type: ignore[arg-type]  # a number
        (
            SyncCommandBook(command=CommandBook(), sync_mode=3),  # type: ignore[arg-type]  # no mode
            "Unknown sync mode: 3",
        ),
        (SyncCommandBook(command=CommandBook()), "CommandBook must have a cover"),
    ],
)
async def test_a_request_of_bad_shape_is_refused(
    world: Any, request_: SyncCommandBook, text: str
) -> None:
    """The text names what is missing."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.commands.HandleSync(request_, timeout=5)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == text


async def test_a_refusal_is_that_of_handle(world: Any, view: View) -> None:
    """Nothing was committed, so nobody is waited for."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sync(world, "refuse", CASCADE)

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert view.books == []
