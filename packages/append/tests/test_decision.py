"""The decision of a group, without any store."""

from angzarr_append import Known, decide
from angzarr_store import (
    EMPTY_CHAIN,
    Appended,
    Batch,
    ConflictError,
    Head,
    RootKey,
    with_position,
)

KEY = RootKey(edition="angzarr", root=bytes(16))


def batch(command_id: str, base: int, pages: int = 1) -> Batch:
    """Return a batch of empty pages."""
    return Batch(
        command_id=command_id,
        key=KEY,
        type_url="t",
        base=base,
        correlation_id="",
        created_at="",
        pages=(b"",) * pages,
    )


def known(following: int = 0) -> Known:
    """Return what an empty log knows, but for the next sequence of the one root."""
    head = Head(position=10, epoch=2, chain=EMPTY_CHAIN)
    return Known(head=head, commands={}, next_sequences={KEY: following}, pages={})


def test_a_refused_member_does_not_disturb_the_others() -> None:
    """A conflict in the middle leaves the members around it stored and dense."""
    decision = decide("order", [batch("a", 0), batch("b", 0), batch("c", 1)], known())

    assert [type(answer) for answer in decision.answers] == [Appended, ConflictError, Appended]
    assert [event.position for event in decision.events] == [11, 12]
    assert decision.head.position == 12


def test_a_result_without_pages_names_the_head() -> None:
    """Nothing is stored, and the position is that of the decision."""
    decision = decide("order", [batch("a", 0, pages=0)], known())

    answer = decision.answers[0]
    assert isinstance(answer, Appended)
    assert (answer.row.first_position, answer.row.count, decision.events) == (10, 0, [])


def test_the_position_is_appended_as_a_varint_field() -> None:
    """Field 100 follows the page, seven bits a byte."""
    assert with_position(b"page", 300) == b"page\xa0\x06\xac\x02"
    assert with_position(b"", 127) == b"\xa0\x06\x7f"
