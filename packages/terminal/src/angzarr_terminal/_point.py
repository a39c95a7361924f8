"""SEQ|TIME as people write a point in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr_terminal._exit import USAGE, CliError

if TYPE_CHECKING:
    from angzarr.types_pb2 import TemporalQuery

LAST_SEQUENCE = 2**32 - 1


def point_of(text: str) -> TemporalQuery | None:
    """Return the point that a text means, None for "".

    Shape: a sequence number, or a time of RFC 3339; both are inclusive.

    Raises:
        CliError: it is neither.
    """
    from angzarr.types_pb2 import TemporalQuery  # noqa: PLC0415 - start-up time

    if not text:
        return None
    point = TemporalQuery()
    if text.isascii() and text.isdecimal() and int(text) <= LAST_SEQUENCE:
        point.as_of_sequence = int(text)
        return point
    try:
        point.as_of_time.FromJsonString(text)
    except ValueError as error:
        what = f'"{text}" is neither a sequence nor a time such as 2026-01-31T12:00:00Z.'
        raise CliError(USAGE, what) from error
    return point
