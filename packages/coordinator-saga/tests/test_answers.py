"""What follows from the answer to a command (the table of contract.md §4.5)."""

from typing import Any

import pytest

from angzarr.types_pb2 import CommandBook, RpcStatus

from .logic import Target, command, text_of
from .world import ROOT, World

OTHER = bytes([1]) * 16


@pytest.fixture
async def target(empty_world: World) -> Target:
    """Start a world whose target is a foreign coordinator."""
    made = Target()
    await empty_world.serve("inventory", made)
    await empty_world.start_aggregate("order")
    await empty_world.start_logic()
    await empty_world.start_saga()
    return made


def two(_: Any) -> list[CommandBook]:
    """Return two commands."""
    return [command("first", root=ROOT), command("second", root=ROOT)]


def texts(target: Target) -> list[str]:
    """Return what the commands say that came."""
    return [text_of(book.pages[0].command) for book in target.books]


def message(outcome: bytes) -> str:
    """Return the text of a stored status."""
    return RpcStatus.FromString(outcome).message


REJECTIONS = (
    "INVALID_ARGUMENT",
    "FAILED_PRECONDITION",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
)


@pytest.mark.parametrize("code", REJECTIONS)
async def test_a_rejection_by_logic_is_a_result(world: World, code: str) -> None:
    """It is recorded with its status, and stops neither later commands nor the checkpoint."""
    world.saga.decide = lambda _: [command(f"abort {code}", root=ROOT), command("go", root=ROOT)]

    await world.order("two apples")
    await world.until_done(1)

    rejected, accepted = world.ledger.decided
    assert world.ledger.states == ["rejected", "accepted"]
    assert message(rejected.outcome) == f"Stock says {code}"
    assert RpcStatus.FromString(accepted.outcome).position == 1
    assert [text_of(page.event) for page in await world.stock()] == ["go"]
    assert world.ledger.parked == []


@pytest.mark.parametrize("code", REJECTIONS)
async def test_a_rejection_by_a_foreign_coordinator_is_a_result(
    target: Target, empty_world: World, code: str
) -> None:
    """Without details the code alone decides."""
    target.answers = [(code, "")]
    empty_world.saga.decide = two

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert empty_world.ledger.states == ["rejected", "accepted"]
    assert texts(target) == ["first", "second"]


async def test_too_large_a_command_is_rejected(world: World) -> None:
    """It would never fit, however often it was sent."""
    world.saga.decide = lambda _: [command("x" * 1025 * 1024, root=ROOT)]

    await world.order("two apples")
    await world.until_done(1)

    (reaction,) = world.ledger.decided
    assert str(reaction.state) == "rejected"
    assert message(reaction.outcome).startswith("CommandBook of ")
    assert world.ledger.retried == 0


async def test_an_unknown_domain_is_retried_then_rejected(world: World) -> None:
    """A domain may only be late; in the end the text names it."""
    world.saga.decide = lambda _: [command("bill", domain="billing", root=ROOT), *two(_)]

    await world.order("two apples")
    await world.until_done(1)

    assert world.ledger.states == ["rejected", "accepted", "accepted"]
    assert message(world.ledger.decided[0].outcome) == (
        "No aggregate registered for domain: billing"
    )
    assert (world.ledger.retried, world.ledger.parked) == (2, [])
    assert len(world.saga.executed) == 1


async def test_a_wrong_route_is_an_unknown_domain_too(empty_world: World) -> None:
    """The coordinator that was asked says that the domain is not its own."""
    world = empty_world
    world.routes["billing"] = world.address("inventory")
    await world.start()
    world.saga.decide = lambda _: [command("bill", domain="billing", root=ROOT)]

    await world.order("two apples")
    await world.until_done(1)

    assert (world.ledger.states, world.ledger.retried) == (["rejected"], 2)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UNIMPLEMENTED", ""),
        ("INVALID_ARGUMENT", "COMMAND_ID_REUSED"),
        ("PERMISSION_DENIED", "PERMISSION_DENIED"),
        ("UNAUTHENTICATED", "UNAUTHENTICATED"),
        ("DATA_LOSS", "DATA_DAMAGED"),
    ],
)
async def test_a_fault_of_wiring_parks_at_once(
    target: Target, empty_world: World, code: str, reason: str
) -> None:
    """No second attempt, and the event's later commands wait behind it."""
    target.answers = [(code, reason)]
    empty_world.saga.decide = two

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    (letter,) = empty_world.ledger.parked
    assert (letter.attempts, message(letter.status)) == (1, f"Target says {code}")
    assert reason in {"", letter.reason}
    assert texts(target) == ["first"]
    assert "accepted" not in empty_world.ledger.states


async def test_an_id_that_was_used_otherwise_parks(world: World) -> None:
    """The target knows the id from another root."""
    spent = command("mine", root=OTHER)
    spent.command_id = "4c2c11d5-ef04-5820-82c3-860c2e83f943"
    await world.send("inventory", spent)
    world.saga.decide = lambda request: two(request)[:1] if request.source.pages[0].num == 3 else []

    for sequence in range(4):
        await world.order(f"{sequence}", sequence=sequence)
    await world.until_done(4)

    (letter,) = world.ledger.parked
    assert (letter.reason, letter.attempts) == ("COMMAND_ID_REUSED", 1)


TRANSIENT = [
    ("ABORTED", "CONFLICT"),
    ("UNAVAILABLE", ""),
    ("UNAVAILABLE", "CONFLICT"),
    ("DEADLINE_EXCEEDED", ""),
    ("DEADLINE_EXCEEDED", "OUTCOME_UNKNOWN"),
    ("CANCELLED", ""),
    ("UNKNOWN", ""),
    ("INTERNAL", ""),
    ("RESOURCE_EXHAUSTED", ""),
    ("RESOURCE_EXHAUSTED", "OVERLOADED"),
]


@pytest.mark.parametrize(("code", "reason"), TRANSIENT)
async def test_everything_else_is_sent_again(
    target: Target, empty_world: World, code: str, reason: str
) -> None:
    """The same bytes under the same id, before any later command, and logic is not asked again."""
    target.answers = [(code, reason)] * 2
    empty_world.saga.decide = two

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    assert texts(target) == ["first", "first", "first", "second"]
    assert len(set(target.got)) == 2
    assert len(empty_world.saga.executed) == 1
    assert empty_world.ledger.states == ["accepted", "accepted"]
    assert empty_world.ledger.parked == []
    counted = {it.metric.name: it.series for it in empty_world.system.metrics.collect()}
    assert sum(map(float, counted["angzarr_saga_retry_total"].values())) == 2


@pytest.mark.parametrize(("code", "reason"), [("INTERNAL", ""), ("UNAVAILABLE", "CONFLICT")])
async def test_a_command_that_keeps_failing_parks(
    target: Target, empty_world: World, code: str, reason: str
) -> None:
    """The event's later commands and the root's later events wait; other roots go on."""
    target.answers = [(code, reason)] * 3
    empty_world.saga.decide = two

    await empty_world.order("one")
    await empty_world.until_done(1)
    await empty_world.order("two", sequence=1)
    await empty_world.order("other", root=OTHER)
    await empty_world.until_done(3)

    first, behind = empty_world.ledger.parked
    assert (first.attempts, message(first.status)) == (3, f"Target says {code}")
    assert (behind.reason, behind.attempts) == ("BEHIND_DEAD_LETTER", 0)
    assert texts(target) == ["first"] * 3 + ["first", "second"]
    assert empty_world.saga.seen == ["one", "other"]


async def test_nobody_at_the_target_is_a_failed_attempt(world: World) -> None:
    """A coordinator that is away parks the event when the budget is spent."""
    await world.stop("inventory")

    await world.order("two apples")
    await world.until_done(1)

    (letter,) = world.ledger.parked
    assert (letter.reason, letter.attempts) == ("UPSTREAM_UNAVAILABLE", 3)
    assert len(world.saga.executed) == 1


@pytest.mark.parametrize("reason", ["", "SEQUENCE_MISMATCH"])
async def test_a_mismatch_decides_again_on_fresh_state(
    target: Target, empty_world: World, reason: str
) -> None:
    """Prepare and Execute run again; commands with a result stay, ids stay, bytes are new."""
    world = empty_world
    target.answers = [("OK", ""), ("ABORTED", reason)]
    world.saga.serve_prepare(lambda source: [source.cover])
    world.saga.decide = lambda _: [
        command(f"{name} {len(world.saga.executed)}", root=ROOT) for name in ("a", "b", "c")
    ]

    await world.order("two apples")
    await world.until_done(1)

    ids = [book.command_id for book in target.books]
    assert texts(target) == ["a 1", "b 1", "b 2", "c 2"]
    assert ids[1] == ids[2]
    assert len(world.saga.prepared) == len(world.saga.executed) == 2
    assert world.ledger.states == ["accepted"] * 3
    assert world.ledger.retried == 1


async def test_what_is_decided_no_more_is_not_sent(target: Target, empty_world: World) -> None:
    """The second decision has fewer commands than the first."""
    world = empty_world
    target.answers = [("ABORTED", "")]
    world.saga.decide = lambda request: two(request)[: 3 - len(world.saga.executed)]

    await world.order("two apples")
    await world.until_done(1)

    assert texts(target) == ["first", "first"]
    assert world.ledger.states == ["accepted", "discarded"]


async def test_deciding_again_has_the_same_budget(target: Target, empty_world: World) -> None:
    """A target that always differs parks the event."""
    target.usual = ("ABORTED", "SEQUENCE_MISMATCH")

    await empty_world.order("two apples")
    await empty_world.until_done(1)

    (letter,) = empty_world.ledger.parked
    assert (letter.reason, letter.attempts) == ("SEQUENCE_MISMATCH", 3)
    assert (len(target.got), len(empty_world.saga.executed)) == (3, 3)
