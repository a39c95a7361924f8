"""A decided command until its outcome is terminal."""

from dataclasses import replace

import pytest

from angzarr.types_pb2 import CommandBook, RpcStatus
from angzarr.types_pb2 import Target as Output
from angzarr_dispatch import Decision, InvalidDecisionError, Verdict
from angzarr_store import ReactionState

from .target import NOT_FOUND, OK, Target, answer, command, decided, source

ABORTED, UNAVAILABLE, FAILED_PRECONDITION = 10, 14, 9


@pytest.mark.parametrize(
    ("code", "reason", "verdict"),
    [
        (OK, "", Verdict.ACCEPTED),
        (3, "INVALID_ARGUMENT", Verdict.REJECTED),
        (FAILED_PRECONDITION, "LOGIC_REJECTED", Verdict.REJECTED),
        (FAILED_PRECONDITION, "", Verdict.REJECTED),
        (NOT_FOUND, "LOGIC_REJECTED", Verdict.REJECTED),
        (6, "", Verdict.REJECTED),
        (11, "", Verdict.REJECTED),
        (7, "LOGIC_REJECTED", Verdict.REJECTED),
        (8, "MESSAGE_TOO_LARGE", Verdict.REJECTED),
        (NOT_FOUND, "UNKNOWN_DOMAIN", Verdict.RETRY_THEN_REJECT),
        (12, "", Verdict.PARK),
        (3, "COMMAND_ID_REUSED", Verdict.PARK),
        (7, "PERMISSION_DENIED", Verdict.PARK),
        (16, "UNAUTHENTICATED", Verdict.PARK),
        (15, "DATA_DAMAGED", Verdict.PARK),
        (ABORTED, "SEQUENCE_MISMATCH", Verdict.DECIDE_AGAIN),
        (ABORTED, "", Verdict.DECIDE_AGAIN),
        (ABORTED, "OTHER", Verdict.RETRY),
        (UNAVAILABLE, "CONFLICT", Verdict.RETRY),
        (4, "OUTCOME_UNKNOWN", Verdict.RETRY),
        (1, "", Verdict.RETRY),
        (2, "", Verdict.RETRY),
        (13, "", Verdict.RETRY),
        (8, "OVERLOADED", Verdict.RETRY),
    ],
)
def test_every_answer_has_its_row(code: int, reason: str, verdict: Verdict) -> None:
    """The table of contract.md §4.5."""
    assert answer(code, reason).verdict is verdict


def test_a_command_is_stamped() -> None:
    """Edition, origin and id come from the event, whatever logic wrote; the id is derived."""
    book = command()
    book.cover.edition.name = "elsewhere"
    book.saga_origin.saga_name = "someone else"

    (reaction,) = Decision.of([book], source(), []).reactions

    sent = CommandBook.FromString(reaction.command)
    assert reaction.command_id == sent.command_id == "4c2c11d5-ef04-5820-82c3-860c2e83f943"
    assert sent.cover.edition.name == "angzarr"
    assert sent.cover.correlation_id == "c-1"
    assert sent.saga_origin.saga_name == "saga-order-inventory"
    assert sent.saga_origin.triggering_event_sequence == 3
    assert sent.saga_origin.triggering_aggregate.domain == "order"


def test_a_correlation_id_of_logic_is_kept() -> None:
    """Only an empty one is filled."""
    book = command()
    book.cover.correlation_id = "own"

    (reaction,) = Decision.of([book], source(), []).reactions

    assert CommandBook.FromString(reaction.command).cover.correlation_id == "own"


@pytest.mark.parametrize("broken", ["shape", "output"])
def test_one_invalid_command_stops_all(broken: str) -> None:
    """Nothing is sent when a command is malformed or goes where it was not declared."""
    bad = CommandBook() if broken == "shape" else command("cart")

    with pytest.raises(InvalidDecisionError, match="command 1"):
        Decision.of([command(), bad], source(), [Output(domain="inventory")])


async def test_results_are_saved_in_order_and_a_rejection_stops_nothing() -> None:
    """Accepted, rejected, accepted: all three are sent and stored."""
    target = Target(answer(OK), answer(FAILED_PRECONDITION), answer(OK))

    unsettled = await target.settle(decided(3))

    states = [ReactionState.ACCEPTED, ReactionState.REJECTED, ReactionState.ACCEPTED]
    assert unsettled == []
    assert [it.state for it in target.commands] == states
    assert RpcStatus.FromString(target.commands[1].outcome).message == "because"


async def test_only_what_is_owed_is_sent() -> None:
    """After a restart the commands with a result are not sent again."""
    target = Target(answer(OK), answer(UNAVAILABLE), answer(OK))

    (unsettled,) = await target.settle(decided(2))
    await target.settle()

    first, second = target.commands
    assert (unsettled.reaction.index, unsettled.final) == (1, False)
    assert target.got == [first.command_id, second.command_id, second.command_id]


async def test_behind_an_open_command_nothing_is_sent() -> None:
    """The commands of an event are sent in order."""
    target = Target(answer(UNAVAILABLE))

    await target.settle(decided(2))

    assert len(target.got) == 1


async def test_a_parked_command_is_sent_when_its_event_comes_again() -> None:
    """Whoever replays the letter gets the command through under its id."""
    target = Target(answer(OK))
    (reaction,) = decided(1)

    await target.settle([replace(reaction, state=ReactionState.PARKED)])

    assert (target.got, target.states) == ([reaction.command_id], ["accepted"])


@pytest.mark.parametrize(
    ("code", "reason", "final"),
    [(12, "", True), (3, "COMMAND_ID_REUSED", True), (UNAVAILABLE, "", False), (10, "", False)],
)
async def test_what_cannot_help_is_final(code: int, reason: str, final: bool) -> None:  # noqa: FBT001 - a row
    """A fault of wiring is parked at once; everything else may be sent again."""
    (unsettled,) = await Target(answer(code, reason)).settle(decided(1))

    assert unsettled.final is final


async def test_an_unknown_domain_is_rejected_when_the_budget_is_spent() -> None:
    """Before the last attempt it is tried again."""
    target = Target(answer(NOT_FOUND, "UNKNOWN_DOMAIN"), answer(NOT_FOUND, "UNKNOWN_DOMAIN"))

    (unsettled,) = await target.settle(decided(1))
    assert await target.settle(is_last_attempt=True) == []

    assert unsettled.final is False
    assert target.states == ["rejected", "due"]
