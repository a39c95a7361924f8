"""What leads back from a rejected command, and what follows from its answers."""

import logging
from dataclasses import replace

import pytest

from angzarr.types_pb2 import (
    CommandBook,
    RevocationResponse,
    RevokeEventCommand,
    RpcStatus,
    SagaCompensationFailed,
)
from angzarr_dispatch import Answer, Consequence, Decision
from angzarr_store import Reaction, ReactionState

from .target import NOW, OK, Target, answer, decided, source

REFUSED, UNIMPLEMENTED, UNAVAILABLE = answer(9), answer(12), answer(14)
TAKEN_BACK = answer(OK, events=1)
COMPENSATION = "050f3a5b-ec1b-5392-b51a-39a0e9c226a7"
RECORD = "bdde5ad2-033e-5f51-851e-fcbfdf4822f8"


def revoked(**flags: bool) -> Answer:
    """Return the answer of a source that refuses with flags."""
    status = RpcStatus(code=9, message="Command revoked: not now")
    revocation = RevocationResponse(reason="not now", **flags)
    return Answer(status=status, reason="COMMAND_REVOKED", revocation=revocation)


async def rejected(*answers: Answer, fallback: Consequence | None = None) -> Target:
    """Return a target that has rejected one command; `answers` come next."""
    target = Target(REFUSED, *answers, fallback=fallback)
    await target.settle(decided(1))
    return target


def parsed(reaction: Reaction) -> CommandBook:
    """Return the command of a reaction."""
    return CommandBook.FromString(reaction.command)


async def test_a_rejection_is_saved_with_its_compensation() -> None:
    """One transaction holds both; the point between that and the sending is Q12."""
    target = await rejected()

    ((first, second),) = target.saves
    book = CommandBook.FromString(second.command)
    assert (first.state, second.state) == (ReactionState.REJECTED, ReactionState.DUE)
    assert (first.position, second.position) == (7, 7)
    assert second.command_id == book.command_id == COMPENSATION
    assert target.points.passed == ["Q7", "Q12"]


async def test_a_compensation_tells_the_source() -> None:
    """Cover, origin, reason and command are those of contract.md §4.6 step 2."""
    target = await rejected(TAKEN_BACK)

    assert await target.compensate() == []

    sent, revoke = target.books[1], RevokeEventCommand()
    assert sent.pages[0].command.Unpack(revoke)
    assert sent.cover == source().cover
    assert (revoke.saga_name, revoke.triggering_event_sequence) == ("saga-order-inventory", 3)
    assert (revoke.rejection_reason, revoke.rejected_command) == ("because", target.books[0])
    assert target.states == ["rejected", "accepted"]


async def test_a_compensation_keeps_its_bytes_and_its_id() -> None:
    """However often it is sent, the source sees one command."""
    target = await rejected(UNAVAILABLE, answer(10, "SEQUENCE_MISMATCH"), TAKEN_BACK)

    tries = [await target.compensate() for _ in range(3)]

    assert [[it.final for it in found] for found in tries] == [[False], [False], []]
    assert target.books[1] == target.books[2] == target.books[3]
    assert target.got[1:] == [COMPENSATION] * 3


async def test_a_rejected_revocation_is_not_taken_back() -> None:
    """Neither one of ours nor one that a saga sends itself."""
    ours = await rejected(REFUSED, answer(OK, events=1))
    book = CommandBook.FromString(ours.reactions[1].command)
    theirs = Target(REFUSED)

    await ours.compensate()
    await theirs.settle(Decision.of([book], source(), []).reactions)

    assert theirs.states == ["rejected"]
    assert [it.type_name for it in map(parsed, ours.reactions)] == [
        "google.protobuf.StringValue",
        "angzarr.RevokeEventCommand",
        "angzarr.SagaCompensationFailed",
    ]


EMIT, PARK, TELL = "a record", "a letter", "an alert"
FLAGS = {"emit_system_revocation": EMIT, "send_to_dead_letter_queue": PARK, "escalate": TELL}


@pytest.mark.parametrize(
    ("told", "follows"),
    [
        pytest.param(TAKEN_BACK, [], id="taken back"),
        pytest.param(answer(OK), [EMIT], id="no event"),
        pytest.param(REFUSED, [EMIT], id="refused"),
        pytest.param(answer(5), [EMIT], id="not found"),
        pytest.param(answer(8, "MESSAGE_TOO_LARGE"), [EMIT], id="too large"),
        pytest.param(UNIMPLEMENTED, [EMIT], id="unimplemented"),
        pytest.param(revoked(), [], id="no flag"),
        pytest.param(revoked(abort=True), [], id="abort"),
        pytest.param(revoked(emit_system_revocation=True), [EMIT], id="emit"),
        pytest.param(revoked(emit_system_revocation=True, abort=True), [], id="abort wins"),
        pytest.param(revoked(send_to_dead_letter_queue=True), [PARK], id="letter"),
        pytest.param(revoked(escalate=True), [TELL], id="alert"),
        pytest.param(
            revoked(escalate=True, send_to_dead_letter_queue=True, abort=True),
            [PARK, TELL],
            id="letter and alert before abort",
        ),
        pytest.param(
            revoked(escalate=True, send_to_dead_letter_queue=True, emit_system_revocation=True),
            [EMIT, PARK, TELL],
            id="all",
        ),
    ],
)
async def test_every_answer_to_a_compensation_has_its_row(
    told: Answer, follows: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The table of contract.md §4.6 step 3, with the fallback as it is by default."""
    assert await outcome(told, Consequence(emit=True), caplog) == follows


@pytest.mark.parametrize("told", [UNIMPLEMENTED, answer(OK), REFUSED])
@pytest.mark.parametrize(
    ("fallback", "follows"),
    [
        (Consequence(), []),
        (Consequence(dead_letter=True), [PARK]),
        (Consequence(escalate=True), [TELL]),
        (Consequence(emit=True, dead_letter=True, escalate=True), [EMIT, PARK, TELL]),
    ],
)
async def test_the_fallback_is_what_was_configured(
    told: Answer, fallback: Consequence, follows: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Each of the three by itself, and all together."""
    assert await outcome(told, fallback, caplog) == follows


async def outcome(
    told: Answer, fallback: Consequence, caplog: pytest.LogCaptureFixture
) -> list[str]:
    """Return what follows from an answer, once it has all happened."""
    target = await rejected(told, answer(OK, events=1), fallback=fallback)
    with caplog.at_level(logging.ERROR, logger="angzarr.alerts"):
        unsettled = await target.compensate()
    parked = [it for it in unsettled if it.final]
    assert len(parked) == len(unsettled)
    assert target.states.count("due") == len(parked)
    alerts = [record.message for record in caplog.records]
    assert alerts in ([], ["command.escalated"])
    return [EMIT] * (RECORD in target.got) + [PARK] * len(parked) + [TELL] * len(alerts)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (UNIMPLEMENTED, "because"),
        (answer(OK), "The source answered without an event"),
        (revoked(emit_system_revocation=True), "not now"),
    ],
)
async def test_a_failure_is_recorded_with_both_reasons(told: Answer, why: str) -> None:
    """Saved in the transaction that ends the compensation, then sent under an id of its own."""
    target = await rejected(told, answer(OK, events=1))

    assert await target.compensate() == []
    ended, record = target.saves[-2]

    failed = SagaCompensationFailed()
    assert target.books[-1].pages[0].command.Unpack(failed)
    assert (ended.index, record.state) == (target.reactions[1].index, ReactionState.DUE)
    assert (failed.rejection_reason, failed.compensation_failure_reason) == ("because", why)
    assert failed.occurred_at.ToDatetime(NOW.tzinfo) == NOW
    assert target.books[-1].cover.domain == "angzarr.saga-failures"
    assert target.got[1:] == [COMPENSATION, RECORD]
    assert target.states[2] == "accepted"


@pytest.mark.parametrize(
    ("told", "final"),
    [
        (REFUSED, True),
        (UNIMPLEMENTED, True),
        (answer(5, "UNKNOWN_DOMAIN"), False),
        (UNAVAILABLE, False),
    ],
)
async def test_a_record_that_is_not_taken_stays_due(told: Answer, final: bool) -> None:  # noqa: FBT001 - a row
    """Refused it must be parked; where nobody answers it is sent again."""
    target = await rejected(UNIMPLEMENTED, told)

    (unsettled,) = await target.compensate()

    assert (unsettled.final, unsettled.reaction.command_id) == (final, RECORD)
    assert target.states == ["rejected", "rejected", "due"]


@pytest.mark.parametrize("reason", ["COMMAND_ID_REUSED", "DATA_DAMAGED", "UNAUTHENTICATED"])
async def test_a_fault_of_wiring_parks_a_compensation(reason: str) -> None:
    """It is not refused by business, so that nothing follows but a letter."""
    target = await rejected(answer(3, reason))

    (unsettled,) = await target.compensate()

    assert (unsettled.final, unsettled.reaction.command_id) == (True, COMPENSATION)
    assert target.states == ["rejected", "due"]


async def test_a_record_is_sent_again_without_asking_the_source() -> None:
    """What the source answered is settled; only the record is due, with the same bytes."""
    target = await rejected(UNIMPLEMENTED, UNAVAILABLE, answer(OK, events=1))

    await target.compensate()
    assert await target.compensate() == []

    assert target.got[1:] == [COMPENSATION, RECORD, RECORD]
    assert target.books[2] == target.books[3]
    assert target.states == ["rejected", "rejected", "accepted"]


async def test_a_letter_waits_for_its_record() -> None:
    """With both asked for, the record is there before the letter is, and people hear of it once."""
    both = Consequence(emit=True, dead_letter=True)
    ok = answer(OK, events=1)
    target = await rejected(UNIMPLEMENTED, UNAVAILABLE, ok, UNIMPLEMENTED, fallback=both)

    (first,) = await target.compensate()
    (second,) = await target.compensate()

    assert (first.final, first.reaction.command_id) == (False, RECORD)
    assert (second.final, second.reaction.command_id) == (True, COMPENSATION)
    assert target.got[1:] == [COMPENSATION, RECORD, RECORD, COMPENSATION]
    assert target.states == ["rejected", "due", "accepted"]


async def test_one_failure_does_not_hold_up_another() -> None:
    """Every compensation of an event is tried, whatever becomes of the others."""
    target = Target(REFUSED, REFUSED, UNAVAILABLE, TAKEN_BACK)
    await target.settle(decided(2))

    unsettled = await target.compensate()

    assert [it.reaction.command_id for it in unsettled] == [target.got[2]]
    assert target.states == ["rejected", "rejected", "accepted", "due"]


async def test_a_parked_compensation_becomes_due_when_its_event_comes_again() -> None:
    """Whoever replays the letter gets it through under its id."""
    target = await rejected()
    first, second = target.reactions

    await target.settle([first, replace(second, state=ReactionState.PARKED)])

    assert target.states == ["rejected", "due"]
