"""What an operator decides: replay or discard."""

import asyncio
from typing import Any

import pytest

from angzarr.dead_letter_pb2 import DiscardDeadLettersRequest
from angzarr.types_pb2 import DeadLetterState
from angzarr_store import (
    LetterCountError,
    LetterOrderError,
    LetterRequestError,
    LetterState,
    LetterStateError,
    UnknownLetterError,
)

from .world import Caller, command, letter

BEHIND = {"attempts": 0, "reason": "BEHIND_DEAD_LETTER", "status": b""}


async def discard(world: Any, *ids: str, note: str = "lost", **asked: Any) -> Any:
    """Give letters up."""
    request = DiscardDeadLettersRequest(ids=ids, note=note, **asked)
    return await world.service.Discard(request, world.caller)


async def test_a_replay_goes_on_with_the_root_once(world: Any) -> None:
    """The oldest is asked for; those behind it follow on their own and are reported too."""
    await world.save(letter(1), letter(2, **BEHIND), letter(3, root=2))

    response = await world.replay(selection={"domain": "order"}, expected_count=3)

    assert world.resumed == ["saga:order:1", "saga:order:3"]
    assert response.matched == 3
    parked, replayed = (
        DeadLetterState.DEAD_LETTER_STATE_PARKED,
        DeadLetterState.DEAD_LETTER_STATE_REPLAYED,
    )
    assert [it.state for it in response.results] == [replayed, parked, replayed]
    assert response.results[1].status.message == "An older dead letter of the root is parked"


async def test_a_failure_is_told(world: Any) -> None:
    """A letter that is parked again comes with the status of the failure."""
    await world.save(letter(1))

    async def fail(it: Any) -> None:
        await world.save(letter(1, attempts=it.attempts + 1))

    world.service.worked_by(fail)
    response = await world.replay("saga:order:1")

    assert [it.status.message for it in response.results] == ["broken"]


async def test_who_does_not_wait_is_told_that_it_goes_on(world: Any) -> None:
    """The request is recorded; asking again changes nothing."""
    await world.save(letter(1))

    async def slow(_: Any) -> None:
        await asyncio.Event().wait()

    world.service.worked_by(slow)
    world.caller = Caller(0.6)
    responses = [await world.replay("saga:order:1") for _ in range(2)]

    for response in responses:
        assert response.results[0].state == DeadLetterState.DEAD_LETTER_STATE_PARKED
        assert response.results[0].status.message == "The replay goes on"
    assert await world.states() == ["replay"]


async def test_a_dry_run_only_counts(world: Any) -> None:
    """Nothing is asked for, and the count need not be known."""
    await world.save(letter(1), letter(2))

    replay = await world.replay(selection={}, dry_run=True)
    gone = await discard(world, selection={}, dry_run=True)

    assert (replay.matched, gone.matched, len(replay.results), world.resumed) == (2, 2, 0, [])
    assert await world.states() == ["parked", "parked"]


async def test_a_selection_must_match_what_was_seen(world: Any) -> None:
    """A letter that came meanwhile is not decided about unseen."""
    await world.save(letter(1), letter(2))

    with pytest.raises(LetterCountError, match="2 letters match, expected 1"):
        await world.replay(selection={}, expected_count=1)


async def test_letters_keep_their_order(world: Any) -> None:
    """One that waits cannot be replayed without the older one."""
    await world.save(letter(1), letter(2, **BEHIND), letter(3, root=2))

    with pytest.raises(LetterOrderError, match="Dead letter saga:order:2 waits for saga:order:1"):
        await world.replay("saga:order:2", "saga:order:3")

    assert await world.states() == ["parked"] * 3


async def test_letters_of_an_aggregate_have_no_order(world: Any) -> None:
    """Each is asked for and run by itself."""
    await world.save(command(1), command(2))

    await world.replay("saga:order:2")

    assert world.resumed == ["saga:order:2"]
    assert await world.states() == ["parked", "replayed"]


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({}, "ids", "Give either ids or a selection"),
        ({"ids": ["x"], "selection": {}}, "ids", "Give either ids or a selection"),
        ({"selection": {"page_token": "x"}}, "page_token", "page_token must come from"),
    ],
)
async def test_a_replay_is_about_something(world: Any, asked: Any, field: str, why: str) -> None:
    """Ids or a selection, and one that means something."""
    with pytest.raises(LetterRequestError, match=why) as caught:
        await world.replay(*asked.pop("ids", ()), **asked)

    assert caught.value.field == field


async def test_a_discard_needs_a_note(world: Any) -> None:
    """Blanks are none."""
    with pytest.raises(LetterRequestError, match="Discard needs a note"):
        await discard(world, "x", note=" ")


async def test_only_parked_letters_are_decided_about(world: Any) -> None:
    """The error says what the letter is already; unknown ids are named."""
    await world.save(letter(1, state=LetterState.DISCARDED), letter(2, state=LetterState.REPLAY))

    with pytest.raises(LetterStateError, match="Dead letter saga:order:1 is already DISCARDED"):
        await world.replay("saga:order:1")
    with pytest.raises(LetterStateError, match="Dead letter saga:order:2 is already REPLAY"):
        await discard(world, "saga:order:2")
    with pytest.raises(UnknownLetterError):
        await discard(world, "saga:order:9")


async def test_a_discarded_letter_stays_and_its_root_goes_on(world: Any) -> None:
    """The note is kept; the owner is told once per root."""
    await world.save(letter(1), letter(2), letter(3, root=2), command(4))

    response = await discard(world, *(f"saga:order:{it}" for it in (1, 2, 3, 4)))

    assert await world.states() == ["discarded"] * 4
    assert world.resumed == ["saga:order:1", "saga:order:3"]
    assert {it.state for it in response.results} == {DeadLetterState.DEAD_LETTER_STATE_DISCARDED}
    kept = await world.ledger.letter("saga:order:1")
    assert (kept.letter.note, kept.letter.payload) == ("lost", letter(1).payload)


async def test_nobody_there_still_records(world: Any) -> None:
    """Before the subscription runs a decision waits for its owner."""
    await world.save(letter(1), letter(2, root=2))
    world.service = world.alone()

    await world.replay("saga:order:1")

    assert await world.states() == ["replay", "parked"]
