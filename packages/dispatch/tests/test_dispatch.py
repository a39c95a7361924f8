"""A decided command until its outcome is terminal."""

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook, Cover, RpcStatus, Target
from angzarr_dispatch import (
    Answer,
    Decision,
    InvalidDecisionError,
    SourceEvent,
    UnsettledError,
    Verdict,
    settle,
)
from angzarr_store import Reaction, ReactionState

ROOT = bytes(range(16))
OK, ABORTED, UNAVAILABLE, FAILED_PRECONDITION, NOT_FOUND = 0, 10, 14, 9, 5


def source() -> SourceEvent:
    """Return the event of the test vectors in contract.md §3.1."""
    cover = Cover().address("order", ROOT, correlation="c-1")
    return SourceEvent(component="saga-order-inventory", cover=cover, sequence=3, position=7)


def command(domain: str = "inventory") -> CommandBook:
    """Return a command as logic returns it."""
    return CommandBook.to(domain, ROOT, StringValue(value="reserve"))


def answer(code: int, reason: str = "") -> Answer:
    """Return an answer with this code and reason."""
    return Answer(status=RpcStatus(code=code, message="because"), reason=reason)


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
        Decision.of([command(), bad], source(), [Target(domain="inventory")])


class Target3:
    """A target that answers from a list and remembers what it got."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.got: list[str] = []
        self.saved: list[Reaction] = []

    async def send(self, book: CommandBook) -> Answer:
        """Answer."""
        self.got.append(book.command_id)
        return self.answers.pop(0)

    async def save(self, reaction: Reaction) -> None:
        """Remember."""
        self.saved.append(reaction)


async def test_results_are_saved_in_order_and_a_rejection_stops_nothing() -> None:
    """Accepted, rejected, accepted: all three are sent and stored."""
    reactions = Decision.of([command(), command(), command()], source(), []).reactions
    target = Target3(answer(OK), answer(FAILED_PRECONDITION), answer(OK))

    await settle(reactions, target.send, target.save, is_last_attempt=False)

    states = [ReactionState.ACCEPTED, ReactionState.REJECTED, ReactionState.ACCEPTED]
    assert [it.state for it in target.saved] == states
    assert RpcStatus.FromString(target.saved[1].outcome).message == "because"


async def test_only_what_is_owed_is_sent() -> None:
    """After a restart the commands with a result are not sent again."""
    reactions = Decision.of([command(), command()], source(), []).reactions
    first = Target3(answer(OK), answer(UNAVAILABLE))
    with pytest.raises(UnsettledError):
        await settle(reactions, first.send, first.save, is_last_attempt=False)
    again = Target3(answer(OK))

    await settle([first.saved[0], reactions[1]], again.send, again.save, is_last_attempt=False)

    assert again.got == [reactions[1].command_id] == first.got[1:]


async def test_an_unknown_domain_is_rejected_when_the_budget_is_spent() -> None:
    """Before the last attempt it is tried again."""
    (reaction,) = Decision.of([command()], source(), []).reactions
    target = Target3(answer(NOT_FOUND, "UNKNOWN_DOMAIN"), answer(NOT_FOUND, "UNKNOWN_DOMAIN"))

    with pytest.raises(UnsettledError):
        await settle([reaction], target.send, target.save, is_last_attempt=False)
    await settle([reaction], target.send, target.save, is_last_attempt=True)

    assert [it.state for it in target.saved] == [ReactionState.REJECTED]
