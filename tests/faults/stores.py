"""What lies on disk: the databases of a system, read beside or after their owners."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from angzarr_history import Dumped
from angzarr_store import (
    EMPTY_CHAIN,
    Backlog,
    CommandRow,
    Event,
    Lease,
    Letter,
    LetterKind,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
)

from .servers import Schema

EVENTS = """
SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain,
       page FROM events WHERE domain = ? ORDER BY position"""
COMMANDS = """
SELECT command_id, edition, root, type_url, first_sequence, first_position, count, epoch, status
FROM commands WHERE domain = ?"""
LEASE = "SELECT position, chain, epoch FROM subscriptions WHERE subscriber = ? AND domain = ?"
APPLIED = "SELECT position FROM applied WHERE subscriber = ? AND domain = ?"
LETTERS = """
SELECT id, subscriber, kind, domain, position, sequence, edition, root, cover, payload, event,
       command_id, status, reason, attempts, state, parked_at, attempted_at, note FROM letters
WHERE subscriber = ? AND domain = ?"""
REACTIONS = """
SELECT position, "index", command_id, command, state, outcome FROM reactions
WHERE subscriber = ? AND domain = ?"""
PROJECTIONS = "SELECT edition, root, sequence FROM projections WHERE subscriber = ? AND domain = ?"
COMMAND_IDS = "SELECT command_id FROM commands WHERE domain = ? AND outcome = 'accepted'"
HEAD = "SELECT position FROM head WHERE domain = ?"


Place = Path | Schema


def rows(path: Place, statement: str, *values: str) -> list[Sequence[Any]]:
    """Return the rows of a database that another process may be writing."""
    if isinstance(path, Schema):
        return path.read((statement, values))[0]
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
        return connection.execute(statement, values).fetchall()


def dump(path: Place, domain: str) -> Dumped:
    """Return everything that a domain stores, as of one instant."""
    asked = [(EVENTS, (domain,)), (COMMANDS, (domain,))]
    events, commands = path.read(*asked) if isinstance(path, Schema) else _read(path, asked)
    return Dumped(
        domain=domain,
        events=tuple(_event(row) for row in events),
        commands=tuple(_command(row) for row in commands),
    )


def _read(path: Path, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Sequence[Any]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
        connection.execute("BEGIN")
        return [connection.execute(text, values).fetchall() for text, values in asked]


def head(path: Place, domain: str) -> int:
    """Return the last position of a domain's log."""
    found = rows(path, HEAD, domain)
    return int(found[0][0]) if found else 0


def lease(path: Place, subscriber: str, domain: str) -> Lease:
    """Return a subscription as it is stored."""
    found = rows(path, LEASE, subscriber, domain)
    position, chain, epoch = found[0] if found else (0, EMPTY_CHAIN, 0)
    return Lease(subscriber=subscriber, domain=domain, epoch=epoch, position=position, chain=chain)


def backlog(path: Place, subscriber: str, domain: str) -> Backlog:
    """Return what a subscription has not finished, or has parked."""
    place = (subscriber, domain)
    return Backlog(
        applied=frozenset(row[0] for row in rows(path, APPLIED, *place)),
        reactions=tuple(_reaction(row) for row in rows(path, REACTIONS, *place)),
        letters=tuple(_letter(row) for row in rows(path, LETTERS, *place)),
    )


def _key(row: Sequence[Any], at: int) -> RootKey:
    return RootKey(edition=row[at], root=row[at + 1])


def _event(row: Sequence[Any]) -> Event:
    names = ("sequence", "command_id", "correlation_id", "created_at", "digest", "chain", "page")
    return Event(position=row[0], key=_key(row, 1), **dict(zip(names, row[3:], strict=True)))


def _command(row: Sequence[Any]) -> CommandRow:
    names = ("type_url", "first_sequence", "first_position", "count", "epoch", "status")
    return CommandRow(command_id=row[0], key=_key(row, 1), **dict(zip(names, row[3:], strict=True)))


def _letter(row: Sequence[Any]) -> Letter:
    names = ("id", "subscriber", "domain", "position", "sequence", "cover", "payload", "event")
    more = ("command_id", "status", "reason", "attempts", "parked_at", "attempted_at", "note")
    plain = (*row[:2], *row[3:6], *row[8:15], *row[16:])
    values = dict(zip((*names, *more), plain, strict=True))
    kind, state = LetterKind(row[2]), LetterState(row[15])
    return Letter(key=_key(row, 6), kind=kind, state=state, **values)


def _reaction(row: Sequence[Any]) -> Reaction:
    return Reaction(
        position=row[0],
        index=row[1],
        command_id=row[2],
        command=row[3],
        state=ReactionState(row[4]),
        outcome=row[5],
    )
