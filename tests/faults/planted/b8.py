"""B8: an id that was used for another command is accepted."""

from typing import Any

from angzarr_store import CommandRow

from .replacing import replace


def plant() -> None:
    """Take every command of an id for the same."""
    row: Any = CommandRow
    replace(row, "is_of", lambda *_: True)
