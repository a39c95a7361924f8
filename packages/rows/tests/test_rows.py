"""What goes into a table comes out of it."""

from angzarr_rows import (
    change_statements,
    command_of,
    command_row,
    event_of,
    event_row,
    key_values,
)
from angzarr_store import Advance, CommandRow, DropLetter, Event, RootKey

KEY = RootKey(edition="angzarr", root=bytes(16))


def test_an_event_is_its_row() -> None:
    """The row begins with the domain, which who reads has asked for."""
    event = Event(
        position=7,
        key=KEY,
        sequence=3,
        command_id="c",
        correlation_id="flow",
        created_at="2026-01-01T00:00:00+00:00",
        digest=b"d",
        chain=b"e",
        page=None,
    )

    domain, *row = event_row("order", event)

    assert (domain, event_of(row)) == ("order", event)


def test_a_command_is_its_row() -> None:
    """Its outcome is a word for people; the status says the same."""
    command = CommandRow(
        command_id="c",
        key=KEY,
        type_url="x/y",
        first_sequence=1,
        first_position=2,
        count=0,
        epoch=1,
        status=b"\x08\x09",
    )

    domain, *row = command_row("order", command)

    outcome = row.pop(4)
    assert (domain, outcome, command_of(row)) == ("order", "rejected", command)


def test_a_change_is_statements_in_order() -> None:
    """A checkpoint moves before what it passed is forgotten."""
    names = [name for name, _ in change_statements(Advance(old=1, new=3, chain=b"x"))]

    assert names == ["update_checkpoint", "delete_applied", "delete_reactions"]
    assert change_statements(DropLetter(id="l")) == [("delete_letter", {"id": "l"})]
    assert key_values(KEY) == {"edition": "angzarr", "root": bytes(16)}
