"""An execution that may have been committed is executed again, and answers as the first one."""

from collections.abc import Mapping
from typing import Any

import pytest

from angzarr_ports import NoFaults
from angzarr_store import (
    Advance,
    Apply,
    FencedError,
    ForgetSubscription,
    Lease,
    RootKey,
    UnknownOutcomeError,
)
from angzarr_tables import CommitChanges, Operation, Step, TakeEpoch
from angzarr_tables._process import CancelTimer
from angzarr_tables._subscriptions import DiscardLetter

CHAIN, OTHER = b"c" * 32, b"o" * 32
KEY = RootKey(edition="angzarr", root=bytes(16))
LEASE = Lease(subscriber="saga", domain="order", epoch=2, position=0, chain=bytes(32))
LETTER = ("id", "saga", "event", "order", 1, 0, "angzarr", bytes(16), b"", b"", b"", "", b"", "", 8)


def run(operation: Operation[Any], rows: Mapping[str, list[Any]], *, again: bool) -> Any:
    """Return the answer, with the names of what was written if there is none."""
    written: list[str] = []
    steps = operation.steps(again=again)
    try:
        step: Step = next(steps)
        while True:
            if not step.name.startswith(("select", "lock")):
                written.append(step.name)
            step = steps.send(rows.get(step.name, []))
    except StopIteration as end:
        return end.value if end.value is not None else written


def commit(*changes: Any) -> CommitChanges:
    """Return the operation of a subscriber."""
    return CommitChanges(lease=LEASE, changes=changes, faults=NoFaults())


@pytest.mark.parametrize(
    ("stored", "is_made"),
    [((4, CHAIN, 2), True), ((4, OTHER, 2), False), ((4, CHAIN, 3), False), ((5, CHAIN, 2), False)],
)
def test_a_checkpoint_that_was_moved_is_recognised(
    stored: tuple[int, bytes, int], *, is_made: bool
) -> None:
    """By place, chain and epoch; and only where it may have been moved before."""
    move = commit(Apply(position=9), Advance(old=0, new=4, chain=CHAIN))

    again = run(move, {"select_subscription": [stored]}, again=True)
    first = run(move, {"select_subscription": [stored]}, again=False)

    assert again == [] if is_made else isinstance(again, FencedError)
    assert isinstance(first, FencedError)


def test_a_checkpoint_that_was_not_moved_is_moved() -> None:
    """The first execution had come to nothing."""
    move = commit(Advance(old=0, new=4, chain=CHAIN))

    written = run(move, {"select_subscription": [(0, bytes(32), 2)]}, again=True)

    assert written == ["update_checkpoint", "delete_applied", "delete_reactions"]


def test_a_subscription_that_was_forgotten_is_recognised() -> None:
    """It is not there: by this commit, or it never was."""
    forget = commit(ForgetSubscription())

    assert run(forget, {}, again=True) == []
    assert isinstance(run(forget, {}, again=False), FencedError)
    assert isinstance(run(commit(Apply(position=1)), {}, again=True), FencedError)


def test_changes_without_a_checkpoint_are_made_again() -> None:
    """Twice is once."""
    rows = {"select_subscription": [(0, bytes(32), 2)]}

    assert run(commit(Apply(position=3)), rows, again=True) == ["insert_applied"]


def test_nobody_can_tell_whether_a_timer_was_cancelled() -> None:
    """Its absence is an answer only the first time."""
    cancel = CancelTimer("order", KEY, "pay")

    assert run(cancel, {}, again=False) is False
    assert run(cancel, {"delete_timer": [("pay",)]}, again=True) is True
    with pytest.raises(UnknownOutcomeError):
        run(cancel, {}, again=True)


@pytest.mark.parametrize(
    ("note", "again", "answer"), [("lost", True, True), ("lost", False, False), ("x", True, False)]
)
def test_a_letter_that_was_discarded_is_recognised(note: str, *, again: bool, answer: bool) -> None:
    """By its note."""
    row = (*LETTER, "discarded", "", "", note, 0)

    found = run(DiscardLetter(id="id", note="lost"), {"select_filed_letter": [row]}, again=again)

    assert found is answer


def test_an_epoch_is_taken_under_the_lock() -> None:
    """The head is made, moved to the next epoch and read by who holds it."""
    steps = TakeEpoch(domain="order", layout=1).steps(again=False)
    names = [next(steps).name, steps.send([]).name, steps.send([]).name]

    with pytest.raises(StopIteration) as end:
        steps.send([(0, 1, CHAIN)])

    assert names == ["insert_head", "update_epoch", "lock_head"]
    assert end.value.value.epoch == 1
