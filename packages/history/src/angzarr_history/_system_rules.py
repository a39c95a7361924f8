"""Invariants of the whole system: I16, I17, I20, I21."""

from collections.abc import Iterator

from angzarr_history._facts import Facts
from angzarr_history._records import Compared, Left, Measured, Shown, Timed


def poison_isolated(facts: Facts) -> Iterator[str]:
    """I16: poisoned roots make the others less than twice as slow."""
    for it in facts.all(Timed):
        if it.p99_seconds >= 2 * it.reference_seconds:
            yield f"with poison p99 is {it.p99_seconds} s, without it {it.reference_seconds} s"


def bounded(facts: Facts) -> Iterator[str]:
    """I17: no sample is above its limit."""
    for it in facts.all(Measured):
        if it.value > it.limit:
            yield f"{it.what} is {it.value}, above {it.limit}"


def rebuildable(facts: Facts) -> Iterator[str]:
    """I20: a read model built anew equals the live one, and building it sends nothing."""
    for it in facts.all(Compared):
        if it.live != it.rebuilt:
            yield f"{it.what} is {it.live.hex()}, rebuilt it is {it.rebuilt.hex()}"
        if it.emitted:
            yield f"rebuilding {it.what} sent {it.emitted} messages"


def converged(facts: Facts) -> Iterator[str]:
    """I21: all read models of a log are equal, and nothing outlives the system."""
    first: dict[str, Shown] = {}
    for it in facts.all(Shown):
        other = first.setdefault(it.log, it)
        if other.model != it.model:
            yield f"{other.reader} and {it.reader} show {it.log} differently"
    for left in facts.all(Left):
        yield f"{left.what} is left behind"
