"""Who waits for a subscription is woken when there is something to see, and only then."""

import pytest

from angzarr_progress import Track
from angzarr_store import (
    EMPTY_CHAIN,
    Advance,
    Change,
    Lease,
    Letter,
    LetterState,
    RootKey,
    SaveLetter,
)

LEASE = Lease(subscriber="saga", domain="order", epoch=1, position=3, chain=EMPTY_CHAIN)


def letter(position: int, state: LetterState = LetterState.PARKED) -> SaveLetter:
    """Return a letter of an event."""
    made = Letter(
        id=LEASE.letter_id(position),
        subscriber="saga",
        domain="order",
        position=position,
        sequence=0,
        key=RootKey(edition="angzarr", root=bytes(16)),
        state=state,
        cover=b"",
        payload=b"",
        status=b"",
        reason="",
        attempts=1,
    )
    return SaveLetter(letter=made)


@pytest.mark.parametrize(
    ("change", "wakes"),
    [
        (Advance(old=3, new=9, chain=b""), False),
        (Advance(old=3, new=10, chain=b""), True),
        (Advance(old=3, new=11, chain=b""), True),
        (letter(10), True),
        (letter(9), True),
        (letter(11), False),
        (letter(9, LetterState.RETRYING), False),
    ],
)
def test_a_wait_ends_with_news_only(change: Change, *, wakes: bool) -> None:
    """The checkpoint has passed the position, or an event is parked that may belong to it."""
    track = Track()
    track.begun(LEASE, lambda: None)

    with track.watching("order", 10) as moved, track.watching("cart", 10) as other:
        track.stored(LEASE, [change])

        assert (moved.is_set(), other.is_set()) == (wakes, False)


def test_a_lease_says_where_a_subscription_begins() -> None:
    """Before it nothing is known; it wakes everybody."""
    track = Track()
    before = track.position("order"), track.lease("order")

    with track.watching("order", 10) as moved:
        track.begun(LEASE, lambda: None)

        assert moved.is_set()
    assert before == (-1, None)
    assert (track.position("order"), track.lease("order")) == (3, LEASE)


async def test_a_wait_moves_the_checkpoint_over_what_needed_no_change() -> None:
    """A subscriber that wants nothing of an append would store that with its next poll only."""
    track = Track()

    def flush() -> None:
        track.stored(LEASE, [Advance(old=3, new=10, chain=b"")])

    track.begun(LEASE, flush)
    with track.watching("order", 10) as moved:
        await track.news("order", moved)

    assert track.position("order") == 10
