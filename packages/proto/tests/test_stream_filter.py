"""What a subscription to a stream asks for (contract.md §2.1, §4.9)."""

import pytest

from angzarr.types_pb2 import UUID, Cover, Edition, EventBook, EventStreamFilter

ROOT = UUID(value=bytes(16))


@pytest.mark.parametrize(
    ("wanted", "field", "text"),
    [
        (
            EventStreamFilter(after_position=0, root=ROOT),
            "correlation_id",
            "correlation_id is required for event stream subscription",
        ),
        (
            EventStreamFilter(correlation_id="c", after_position=0),
            "after_position",
            "after_position requires a domain",
        ),
        (EventStreamFilter(correlation_id="c", root=ROOT), "root", "root requires a domain"),
        (EventStreamFilter(domain="Order"), "domain", "Invalid domain: Order"),
        (EventStreamFilter(domain="order", edition="a b"), "edition", "Invalid edition name: a b"),
        (
            EventStreamFilter(domain="order", root=UUID(value=b"1")),
            "root",
            "Invalid UUID: expected 16 bytes, got 1",
        ),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    wanted: EventStreamFilter, field: str, text: str
) -> None:
    """The first thing that is wrong is named with its field."""
    fault = wanted.fault()

    assert fault is not None
    assert (fault.field, fault.message) == (field, text)


def test_every_condition_must_hold() -> None:
    """Each condition that is set leaves out what does not meet it; none leaves out nothing."""
    cover = Cover(domain="order", root=ROOT, correlation_id="c", edition=Edition(name="angzarr"))
    book = EventBook(cover=cover)
    other = UUID(value=bytes(range(16)))
    met = [
        EventStreamFilter(correlation_id="c"),
        EventStreamFilter(domain="order"),
        EventStreamFilter(domain="order", root=ROOT, edition="angzarr", correlation_id="c"),
    ]
    unmet = [
        EventStreamFilter(correlation_id="d"),
        EventStreamFilter(correlation_id="c", domain="cart"),
        EventStreamFilter(domain="order", root=other),
        EventStreamFilter(domain="order", edition="what-if"),
    ]

    assert [it.fault() for it in (*met, *unmet)] == [None] * 7
    assert [it.wants(book) for it in (*met, *unmet)] == [True] * 3 + [False] * 4
