"""Histories are whole or damaged."""

from dataclasses import replace

import pytest

from angzarr.types_pb2 import EventPage
from angzarr_replay import book_of, state_of
from angzarr_store import DamagedError, Event, RootKey


def key(number: int = 1) -> RootKey:
    """Return the key of a root."""
    return RootKey(edition="angzarr", root=bytes([number]) * 16)


def event(sequence: int, *, position: int = 0, root: int = 1) -> Event:
    """Return a stored event whose page bears its number."""
    return Event(
        position=position or sequence + 1,
        key=key(root),
        sequence=sequence,
        command_id="c",
        correlation_id="flow",
        created_at="",
        digest=b"",
        chain=b"",
        page=EventPage(num=sequence, position=position).SerializeToString(),
    )


def test_a_state_holds_every_page_and_the_next_number() -> None:
    """Pages 0..n-1, next n, a canonical cover without correlation id."""
    book = state_of("order", key(), [event(0), event(1)])

    assert [page.num for page in book.pages] == [0, 1]
    assert (book.next_sequence, book.cover.edition.name) == (2, "angzarr")
    assert book.cover.correlation_id == ""


@pytest.mark.parametrize("numbers", [[1], [0, 2], [0, 0]])
def test_a_hole_or_repeat_is_damage(numbers: list[int]) -> None:
    """A history with a missing or repeated number is never folded."""
    with pytest.raises(DamagedError):
        state_of("order", key(), [event(number) for number in numbers])


@pytest.mark.parametrize("page", [None, b"\xff", EventPage(num=7).SerializeToString()])
def test_an_unreadable_page_is_damage(page: bytes | None) -> None:
    """A tombstone, broken bytes or a wrong number are no event."""
    with pytest.raises(DamagedError):
        book_of("order", key(), [replace(event(0), page=page)])
