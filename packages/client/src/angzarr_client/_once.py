"""Each event once in the author's own database (reliability.md §3, effects by kind).

The place of a component in each history is a row of the author's table `places`, written in the
author's transaction. The statements have numbered parameters, ?1 to ?7; a database that wants $1
gets them by replacing the mark. CREATE_PLACES makes the table, on SQLite and Postgres alike.
A model that is rebuilt beside has places of its own, those of the component's name and BESIDE;
after DELETE_PLACES of (component) MOVE_PLACES gives them to another: (from, to).
"""

from collections.abc import Sequence
from importlib import resources
from typing import Protocol

from angzarr_client._errors import TryAgainError

_FOLDER = resources.files("angzarr_client") / "sql"
_STATEMENTS = {
    name: (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for name in (
        *("create_places", "select_place", "insert_place", "update_place"),
        *("delete_places", "move_places"),
    )
}

CREATE_PLACES = _STATEMENTS["create_places"]
DELETE_PLACES = _STATEMENTS["delete_places"]
MOVE_PLACES = _STATEMENTS["move_places"]
BESIDE = "~rebuild"

Row = tuple[str, str, str, bytes]


class Transaction(Protocol):
    """The author's open transaction."""

    async def fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[object] | None:
        """Return the first row of a query, None without one."""

    async def execute(self, statement: str, parameters: Sequence[object]) -> int:
        """Execute a statement; return how many rows it changed."""


async def take_place(transaction: Transaction, row: Row, sequence: int, position: int) -> bool:
    """Move the place of (component, domain, edition, root); False if it is there already.

    Raises:
        TryAgainError: another process moved it meanwhile; the transaction must be rolled back.
    """
    found = await transaction.fetch(_STATEMENTS["select_place"], row)
    place = (*row, sequence, position)
    if found is None:
        moved = await transaction.execute(_STATEMENTS["insert_place"], place)
    elif sequence <= int(str(found[0])):
        return False
    else:
        moved = await transaction.execute(_STATEMENTS["update_place"], (*place, found[0]))
    if moved != 1:
        raise TryAgainError("The place of the projector was moved by another process")
    return True
