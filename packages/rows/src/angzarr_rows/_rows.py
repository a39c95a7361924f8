"""Rows of the tables as values of the contract, and back."""

from collections.abc import Sequence
from typing import Any

from angzarr_store import (
    CommandRow,
    Event,
    Filed,
    Letter,
    LetterKind,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    Timer,
)

EVENT_COLUMNS = (
    "sequence",
    "command_id",
    "correlation_id",
    "created_at",
    "digest",
    "chain",
    "page",
)

Row = Sequence[Any]


def event_of(row: Row) -> Event:
    """Return the event of a row of `select_*_events`."""
    return Event(
        position=row[0],
        key=RootKey(edition=row[1], root=row[2]),
        sequence=row[3],
        command_id=row[4],
        correlation_id=row[5],
        created_at=row[6],
        digest=row[7],
        chain=row[8],
        page=row[9],
    )


def event_row(domain: str, event: Event) -> Row:
    """Return the parameters of `insert_event`."""
    rest = [getattr(event, name) for name in EVENT_COLUMNS]
    return (domain, event.position, event.key.edition, event.key.root, *rest)


def command_of(row: Row) -> CommandRow:
    """Return the command of a row of `select_command`."""
    return CommandRow(
        command_id=row[0],
        key=RootKey(edition=row[1], root=row[2]),
        type_url=row[3],
        first_sequence=row[4],
        first_position=row[5],
        count=row[6],
        epoch=row[7],
        status=row[8],
    )


def command_row(domain: str, command: CommandRow) -> Row:
    """Return the parameters of `insert_command`."""
    return (
        domain,
        command.command_id,
        command.key.edition,
        command.key.root,
        command.type_url,
        "accepted" if command.status is None else "rejected",
        command.first_sequence,
        command.first_position,
        command.count,
        command.epoch,
        command.status,
    )


def reaction_of(row: Row) -> Reaction:
    """Return the reaction of a row of `select_reactions`."""
    return Reaction(
        position=row[0],
        index=row[1],
        command_id=row[2],
        command=row[3],
        state=ReactionState(row[4]),
        outcome=row[5],
    )


def letter_of(row: Row) -> Letter:
    """Return the letter of a row of `select_*letter*`."""
    return Letter(
        id=row[0],
        subscriber=row[1],
        kind=LetterKind(row[2]),
        domain=row[3],
        position=row[4],
        sequence=row[5],
        key=RootKey(edition=row[6], root=row[7]),
        cover=row[8],
        payload=row[9],
        event=row[10],
        command_id=row[11],
        status=row[12],
        reason=row[13],
        attempts=row[14],
        state=LetterState(row[15]),
        parked_at=row[16],
        attempted_at=row[17],
        note=row[18],
    )


def filed_of(row: Row) -> Filed:
    """Return the letter of a row of `select_filed_*` with what waits behind it."""
    return Filed(letter=letter_of(row), waiting=row[19])


def timer_of(row: Row) -> Timer:
    """Return the timer of a row of `select_timers`."""
    return Timer(
        key=RootKey(edition=row[0], root=row[1]),
        timer_type=row[2],
        correlation_id=row[3],
        deadline=row[4],
        set_at=row[5],
    )
