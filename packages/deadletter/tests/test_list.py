"""What an operator sees of the letters."""

from dataclasses import replace
from typing import Any

import pytest

from angzarr.dead_letter_pb2 import DeadLetter, GetDeadLetterRequest, ListDeadLettersRequest
from angzarr.types_pb2 import CommandBook, DeadLetterKind, DeadLetterState, EventBook
from angzarr_deadletter import Component, DeadLetters
from angzarr_ports import SystemClock
from angzarr_store import LetterRequestError, LetterState, UnknownLetterError

from .world import command, letter


async def listed(world: Any, **asked: Any) -> Any:
    """Ask for a list."""
    return await world.service.List(ListDeadLettersRequest(**asked), world.caller)


async def test_letters_are_shown_without_their_bytes(world: Any) -> None:
    """The list tells what failed, where and why, and how many wait behind it."""
    await world.save(letter(1), letter(2, attempts=0, reason="BEHIND_DEAD_LETTER"))

    response = await listed(world)

    first = response.letters[0]
    assert (response.total, first.id, first.component, first.component_type) == (
        2,
        "saga:order:1",
        "saga",
        "saga",
    )
    assert (first.cover.domain, first.cover.correlation_id, first.sequence) == ("order", "flow", 1)
    assert (first.status.code, first.status.message, first.attempts) == (13, "broken", 8)
    assert (first.waiting, first.HasField("payload")) == (1, False)
    assert first.parked_at.ToJsonString() == "2026-01-01T00:00:01Z"
    assert not first.HasField("last_attempt_at")


async def test_the_live_version_has_the_components_name(world: Any) -> None:
    """Letters of another version are shown, and found, by the name of that one."""
    component = Component(name="view", kind="projector", live="saga")
    world.service = DeadLetters(component, world.ledger, SystemClock())
    await world.save(letter(1))
    moved = replace(letter(2), id="view~2:order:2", subscriber="view~2")
    await world.ledger.file_letter(moved)

    shown = (await listed(world)).letters
    named = [(await listed(world, component=it)).total for it in ("view", "view~2", "other")]

    assert [it.component for it in shown] == ["view", "view~2"]
    assert named == [1, 1, 0]


async def test_one_letter_is_shown_whole(world: Any) -> None:
    """Get adds the original bytes, as the kind of book they are."""
    await world.save(letter(1), replace(command(2), state=LetterState.REPLAY))

    event, order = [
        await world.service.Get(GetDeadLetterRequest(id=f"saga:order:{it}"), world.caller)
        for it in (1, 2)
    ]

    books = EventBook(), CommandBook()
    assert event.payload.Unpack(books[0])
    assert order.payload.Unpack(books[1])
    assert (books[0].pages[0].num, books[1].command_id) == (1, order.command_id)
    assert order.kind == DeadLetterKind.DEAD_LETTER_KIND_COMMAND
    assert order.state == DeadLetterState.DEAD_LETTER_STATE_PARKED


async def test_an_unknown_letter_is_named(world: Any) -> None:
    """The error carries the id."""
    with pytest.raises(UnknownLetterError, match="No dead letter: saga:order:9"):
        await world.service.Get(GetDeadLetterRequest(id="saga:order:9"), world.caller)


async def test_pages_follow_each_other(world: Any) -> None:
    """Each page begins behind the one before, also when letters come and go meanwhile."""
    await world.save(*(letter(it, root=it) for it in (1, 2, 3)))
    first = await listed(world, page_size=2)
    await world.save(letter(1, root=1, state=LetterState.REPLAYED))

    second = await listed(world, page_size=2, page_token=first.next_page_token)

    assert [it.id for it in (*first.letters, *second.letters)] == [
        f"saga:order:{it}" for it in (1, 2, 3)
    ]
    assert second.next_page_token == ""


async def test_a_filter_leaves_out_the_others(world: Any) -> None:
    """By state, kind, domain, root and component; PARKED is the usual state."""
    gone = letter(3, state=LetterState.DISCARDED, note="lost")
    await world.save(letter(1), letter(2, root=2), gone)

    for asked, ids in (
        ({}, [1, 2]),
        ({"states": [DeadLetterState.DEAD_LETTER_STATE_DISCARDED]}, [3]),
        ({"kind": DeadLetterKind.DEAD_LETTER_KIND_COMMAND}, []),
        ({"root": {"value": bytes([2]) * 16}}, [2]),
        ({"domain": "cart"}, []),
        ({"component": "saga", "domain": "order"}, [1, 2]),
    ):
        response = await listed(world, **asked)
        assert [it.position for it in response.letters] == ids
        assert response.total == len(ids)


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"page_token": "x"}, "page_token"), ({"root": {"value": b"short"}}, "root")],
)
async def test_a_wrong_field_is_named(world: Any, asked: Any, field: str) -> None:
    """A token of somebody else or half a root is refused."""
    with pytest.raises(LetterRequestError) as caught:
        await listed(world, **asked)

    assert caught.value.field == field


async def test_a_letter_of_the_first_layout_has_a_cover(world: Any) -> None:
    """It is made of domain and root; its time is unknown and comes first."""
    await world.save(letter(1, cover=b"", parked_at=""), letter(2))

    response = await listed(world, page_size=1)
    rest = await listed(world, page_token=response.next_page_token)

    first: DeadLetter = response.letters[0]
    assert (first.cover.domain, first.cover.root.value) == ("order", bytes([1]) * 16)
    assert [it.position for it in rest.letters] == [2]
