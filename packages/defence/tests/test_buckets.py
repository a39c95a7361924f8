"""How often a caller may call."""

import pytest

from angzarr_defence import Buckets


@pytest.mark.parametrize("before", [0.0, 100.0])
def test_a_bucket_gives_what_it_holds(before: float) -> None:
    """Three in a second; the fourth waits for a third of one, another caller for nothing."""
    buckets = Buckets(3)

    assert [buckets.take("a", before) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a", before) == pytest.approx(1 / 3)
    assert buckets.take("b", before) == 0
    assert buckets.take("a", before + 0.32) > 0
    assert buckets.take("a", before + 0.34) == 0


def test_buckets_are_forgotten_only_when_they_are_full_again() -> None:
    """However many callers there are, none gets more than its share."""
    buckets, callers = Buckets(1), [str(number) for number in range(5_000)]

    assert {buckets.take(it, 0.0) for it in callers} == {0}
    assert {buckets.take(it, 0.5) for it in callers} == {0.5}
    assert {buckets.take(it, 1.5) for it in callers} == {0}
