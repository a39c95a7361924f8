"""Members of one group on main and on named editions, without any store."""

from dataclasses import replace

import pytest

from angzarr_append import Decision, Known, decide
from angzarr_store import (
    EMPTY_CHAIN,
    WHOLE_DOMAIN,
    Appended,
    Batch,
    ConflictError,
    DivergenceMismatchError,
    Edition,
    EditionDeletedError,
    Fork,
    Head,
    RootKey,
)

MAIN = RootKey(edition="angzarr", root=bytes(16))
BRANCH = RootKey(edition="what-if", root=bytes(16))


def batch(command_id: str, base: int, key: RootKey = BRANCH, *, asked: int | None = None) -> Batch:
    """Return a batch of one empty page."""
    return Batch(
        command_id=command_id,
        key=key,
        type_url="t",
        base=base,
        correlation_id="",
        created_at="now",
        pages=(b"",),
        divergence=asked,
    )


def decided(*group: Batch, fork: Fork | None = None, main_next: int = 3) -> Decision:
    """Decide a group over a root that has events on main only."""
    known = fork or Fork(domain="order", name="what-if", main_next=main_next)
    return decide(
        "order",
        group,
        Known(
            head=Head(position=3, epoch=1, chain=EMPTY_CHAIN),
            commands={},
            next_sequences={MAIN: main_next, BRANCH: 0},
            pages={},
            forks={BRANCH: known},
        ),
    )


def test_later_members_see_the_branch() -> None:
    """The first pins the root; main goes on beside it, in the same transaction."""
    found = decided(batch("a", 3), batch("m", 3, MAIN), batch("b", 4), batch("n", 4, MAIN))

    assert [type(it) for it in found.answers] == [Appended] * 4
    assert [it.name for it in found.editions] == ["what-if"]
    assert found.divergences == [("what-if", bytes(16), 3)]


def test_main_moves_an_edition_that_has_no_event() -> None:
    """The next sequence now is that behind the members before."""
    found = decided(batch("m", 3, MAIN), batch("a", 3), batch("b", 4))

    assert [type(it) for it in found.answers] == [Appended, ConflictError, Appended]
    assert found.divergences == [("what-if", bytes(16), 4)]


def test_what_the_first_member_asks_for_holds_for_the_others() -> None:
    """Another divergence is refused, none is fine."""
    found = decided(batch("a", 1, asked=1), batch("b", 2, asked=2), batch("c", 2))

    assert [type(it) for it in found.answers] == [Appended, DivergenceMismatchError, Appended]
    assert found.divergences == [("what-if", WHOLE_DOMAIN, 1), ("what-if", bytes(16), 1)]


@pytest.mark.parametrize("recorded", [True, False])
def test_a_refusal_pins_nothing(recorded: bool) -> None:  # noqa: FBT001 - a parameter
    """Recorded, it is the edition's first command; else nothing was stored at all."""
    refusal = replace(batch("a", 3), pages=(), status=b"\x08\x09", recorded=recorded)

    found = decided(refusal)

    assert (len(found.editions), found.divergences) == (int(recorded), [])


def test_a_deleted_edition_takes_nothing() -> None:
    """Main goes on."""
    gone = Edition(name="what-if", created_at="", deleted=True)
    fork = Fork(domain="order", name="what-if", main_next=3, edition=gone)

    found = decided(batch("a", 3), batch("m", 3, MAIN), fork=fork)

    assert [type(it) for it in found.answers] == [EditionDeletedError, Appended]
