"""Texts with a NUL, which Postgres does not store, are stored under another spelling."""

from collections.abc import Iterable

from angzarr_tables import Rows

MARK = "\x1a"
NUL = MARK + "0"
ITSELF = MARK + "1"


def written(value: object) -> object:
    """Return a value as it is stored."""
    if isinstance(value, str) and ("\0" in value or MARK in value):
        return value.replace(MARK, ITSELF).replace("\0", NUL)
    return value


def read(rows: Iterable[Iterable[object]]) -> Rows:
    """Return rows with their texts as they were before they were stored."""
    return [
        [_unmarked(value) if isinstance(value, str) and MARK in value else value for value in row]
        for row in rows
    ]


def _unmarked(text: str) -> str:
    return text.replace(NUL, "\0").replace(ITSELF, MARK)
