"""Logic sees stored events in their newest form; stored they stay as they are."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.types_pb2 import BusinessResponse, CommandBook, ContextualCommand, Query

from .conftest import BareLogic

ROOT = bytes(range(16))


class Listening(BareLogic):
    """Keeps what it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[str]] = []

    @override
    async def Handle(self, request: ContextualCommand, context: Any) -> BusinessResponse:
        self.seen.append(texts(request.events.pages))
        response: BusinessResponse = await super().Handle(request, context)
        return response


@pytest.fixture
def bare_logic() -> Listening:
    """Return logic that keeps what it is shown."""
    return Listening()


@pytest.fixture
def flags(run_directory: Path) -> list[str]:
    """Return settings that name the upcaster."""
    return [f"--component.upcaster.address=unix:{run_directory / 'logic.sock'}"]


def texts(pages: Any) -> list[str]:
    """Return what pages say."""
    return [StringValue.FromString(page.event.value).value for page in pages]


async def send(world: Any, word: str, sequence: int) -> Any:
    """Send a command."""
    book = CommandBook.to("order", ROOT, StringValue(value=word), sequence=sequence)
    return await world.commands.Handle(book, timeout=10)


async def stored(world: Any) -> list[str]:
    """Return what the root has recorded."""
    query = Query()
    query.cover.address("order", ROOT)
    return texts((await world.queries.GetEventBook(query)).pages)


async def test_logic_sees_the_newest_form(world: Any, bare_logic: Listening) -> None:
    """Of what is read and of what was just appended; answers and queries hold what is stored."""
    for number, word in enumerate(("one", "two", "three")):
        response = await send(world, word, number)
        assert texts(response.events.pages) == [word]

    assert bare_logic.seen == [[], ["ONE"], ["ONE", "TWO"]]
    assert await stored(world) == ["one", "two", "three"]


async def test_a_failing_upcaster_ends_the_command(world: Any, bare_logic: Listening) -> None:
    """INTERNAL with the reason; logic is not asked and nothing is stored."""
    await send(world, "mute", 0)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await send(world, "two", 1)

    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "Upcaster failed: It cannot be said"
    assert bare_logic.seen == [[]]
    assert await stored(world) == ["mute"]
