"""How much of what a store has read fits an answer."""

from collections.abc import Sequence
from itertools import accumulate

from angzarr_store import Event


def fitting(events: Sequence[Event], limit_bytes: int) -> list[Event]:
    """Return the leading events whose pages fit, at least one of them."""
    totals = accumulate(len(event.page or b"") for event in events)
    return list(events[: max(1, sum(size <= limit_bytes for size in totals))])


def whole_appends(events: Sequence[Event], head: int, limit: int, limit_bytes: int) -> int:
    """Return how many leading events end with an append and fit the limits; at least one append.

    0 says that the first append is longer than `events`. Whether the last event ends its append
    is known only at `head`, or when another command follows.
    """
    cut = size = 0
    for at, event in enumerate(events):
        size += len(event.page or b"")
        if cut and (at >= limit or size > limit_bytes):
            break
        following = events[at + 1].command_id if at + 1 < len(events) else event.command_id
        if event.position == head or following != event.command_id:
            cut = at + 1
    return cut
