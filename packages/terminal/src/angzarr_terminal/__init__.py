"""What a command prints, and how it ends."""

from angzarr_terminal._exit import (
    CODES,
    FAILED,
    FOUND,
    NOT_FOUND,
    OK,
    PARKED,
    UNAVAILABLE,
    UNKNOWN,
    USAGE,
    CliError,
    errors_as_exit_codes,
)
from angzarr_terminal._outcomes import Outcomes
from angzarr_terminal._output import Format, items, line, table
from angzarr_terminal._point import LAST_SEQUENCE, point_of
from angzarr_terminal._session import Session

__all__ = [
    "CODES",
    "FAILED",
    "FOUND",
    "LAST_SEQUENCE",
    "NOT_FOUND",
    "OK",
    "PARKED",
    "UNAVAILABLE",
    "UNKNOWN",
    "USAGE",
    "CliError",
    "Format",
    "Outcomes",
    "Session",
    "errors_as_exit_codes",
    "items",
    "line",
    "point_of",
    "table",
]
