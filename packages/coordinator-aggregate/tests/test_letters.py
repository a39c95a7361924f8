"""A revoked command that logic sends to the dead letters is kept and can be run again."""

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr import replay_command_id
from angzarr.dead_letter_pb2 import (
    DeadLetter,
    GetDeadLetterRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.types_pb2 import CommandBook, DeadLetterState

ROOT = bytes([7]) * 16
REPLAYED = DeadLetterState.DEAD_LETTER_STATE_REPLAYED


@pytest.fixture
def letters(world: Any) -> Any:
    """Return the letters of the coordinator."""
    return DeadLettersStub(world.channel)


async def refused(world: Any, word: str, *, sequence: int = 0, command_id: str = "c-1") -> str:
    """Send a command that is refused; return the text."""
    book = CommandBook.to("order", ROOT, StringValue(value=word), sequence=sequence)
    book.command_id = command_id
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.commands.Handle(book, timeout=5)
    return str(caught.value)


async def only(letters: Any) -> DeadLetter:
    """Return the one letter there is, whole."""
    listed = await letters.List(ListDeadLettersRequest(), timeout=5)
    assert listed.total == 1
    return await letters.Get(GetDeadLetterRequest(id=listed.letters[0].id), timeout=5)


async def test_the_bytes_of_a_revoked_command_are_kept(world: Any, letters: Any) -> None:
    """The sender hears the revocation; sending it again keeps one letter."""
    for _ in range(2):
        assert "Command revoked: bury" in await refused(world, "bury")

    letter = await only(letters)
    book = CommandBook()
    assert letter.payload.Unpack(book)
    assert StringValue.FromString(book.pages[0].command.value).value == "bury"
    assert (letter.id, letter.component_type) == ("order:order:c-1", "aggregate")
    assert (letter.reason, letter.command_id, letter.attempts) == ("COMMAND_REVOKED", "c-1", 1)


async def test_without_the_flag_nothing_is_kept(world: Any, letters: Any) -> None:
    """A plain revocation is an answer, not a letter."""
    await refused(world, "revoke")

    assert (await letters.List(ListDeadLettersRequest(), timeout=5)).total == 0


async def test_a_replay_has_an_id_of_its_own_and_no_sequence(
    world: Any, letters: Any, bare_words: set[str]
) -> None:
    """It is accepted wherever the root stands meanwhile; the letter blocks nothing."""
    await refused(world, "bury")
    book = CommandBook.to("order", ROOT, StringValue(value="go on"))
    await world.commands.Handle(book, timeout=5)
    bare_words.discard("bury")

    asked = ReplayDeadLettersRequest(ids=["order:order:c-1"])
    response = await letters.Replay(asked, timeout=5)

    assert [it.state for it in response.results] == [REPLAYED]
    repeat = CommandBook.to("order", ROOT, StringValue(value="bury"))
    repeat.command_id = replay_command_id("c-1", 1)
    stored = await world.commands.Handle(repeat, timeout=5)
    assert [page.num for page in stored.events.pages] == [1]


async def test_a_replay_that_is_revoked_again_stays_one_letter(world: Any, letters: Any) -> None:
    """Each replay has the id of its number, so that the next one asks logic again."""
    await refused(world, "bury")

    for _ in range(2):
        asked = ReplayDeadLettersRequest(ids=["order:order:c-1"])
        response = await letters.Replay(asked, timeout=5)
        assert response.results[0].status.message == "Command revoked: bury"

    assert (await only(letters)).attempts == 3


async def test_logic_that_is_absent_fails_a_replay(
    world: Any, letters: Any, bare_words: set[str]
) -> None:
    """The letter stays parked with the new reason."""
    await refused(world, "bury")
    bare_words.discard("bury")
    bare_words.add("hang on bury")

    asked = ReplayDeadLettersRequest(ids=["order:order:c-1"])
    async with asyncio.timeout(10):
        response = await letters.Replay(asked, timeout=5)

    assert response.results[0].status.code == 4
    assert (await only(letters)).reason == "LOGIC_DEADLINE"
