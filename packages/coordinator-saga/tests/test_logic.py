"""Logic of a saga that fails, is late or is gone (contract.md §4.5, reliability.md §3)."""

import asyncio

import grpc
import pytest

from angzarr.types_pb2 import RpcStatus

from .world import ROOT, World

OTHER = bytes([1]) * 16
CODES = grpc.StatusCode


@pytest.mark.parametrize(
    "code",
    [
        CODES.FAILED_PRECONDITION,
        CODES.INVALID_ARGUMENT,
        CODES.UNKNOWN,
        CODES.INTERNAL,
        CODES.ABORTED,
        CODES.CANCELLED,
        CODES.DEADLINE_EXCEEDED,
    ],
)
@pytest.mark.parametrize("method", ["Prepare", "Execute"])
async def test_a_failure_is_tried_again(world: World, code: grpc.StatusCode, method: str) -> None:
    """Whatever its code; the effect comes once."""
    if method == "Prepare":
        world.saga.serve_prepare(lambda _: [])
    world.saga.failures = [code, code]

    await world.order("two apples")
    await world.until_done(1)

    calls = world.saga.prepared if method == "Prepare" else world.saga.executed
    assert (len(calls), world.ledger.retried) == (3, 2)
    assert (len(await world.stock()), world.ledger.parked) == (1, [])


@pytest.mark.parametrize("method", ["Prepare", "Execute"])
async def test_a_failure_that_stays_parks_the_event(world: World, method: str) -> None:
    """With its bytes and its last status; only its root waits behind it, untried."""
    if method == "Prepare":
        world.saga.serve_prepare(lambda _: [])
    world.saga.failures = [CODES.FAILED_PRECONDITION] * 3

    response = await world.order("one")
    await world.until_done(1)
    await world.order("two", sequence=1)
    await world.order("other", root=OTHER)
    await world.until_done(3)

    first, behind = world.ledger.parked
    status = RpcStatus.FromString(first.status)
    assert (status.code, status.message) == (9, "Saga says no")
    assert (first.reason, first.attempts) == ("LOGIC_FAILED", 3)
    assert first.payload == response.events.SerializeToString()
    assert (behind.reason, behind.attempts, behind.key.root) == ("BEHIND_DEAD_LETTER", 0, ROOT)
    assert (len(await world.stock()), len(await world.stock(OTHER))) == (0, 1)


async def test_late_logic_is_a_failed_attempt(empty_world: World) -> None:
    """Each call has its limit; other roots go on meanwhile."""
    world = empty_world
    await world.start("--logic_deadline=0.2", "--delivery.attempts=100")
    world.saga.gate = asyncio.Event()

    await world.order("two apples")
    await world.until(lambda: world.ledger.retried)
    world.saga.gate.set()
    await world.until_done(1)

    assert len(await world.stock()) == 1
    assert world.ledger.parked == []


async def test_attempts_are_counted_over_restarts(empty_world: World) -> None:
    """The budget is not begun anew."""
    world = empty_world
    world.durable = True
    await world.start("--delivery.attempts=100")
    world.saga.failures = [CODES.INTERNAL] * 1000
    await world.order("two apples")
    await world.until(lambda: world.ledger.retried >= 3)
    await world.stop("saga")
    tried = world.ledger.retried

    await world.start_saga(f"--delivery.attempts={tried + 2}")
    await world.until_done(1)

    (letter,) = world.ledger.parked
    assert letter.attempts == tried + 2
    assert world.ledger.retried == tried + 1


async def test_a_parked_event_stays_parked_after_a_restart(empty_world: World) -> None:
    """Later events of its root wait behind it, without being tried."""
    world = empty_world
    world.durable = True
    await world.start()
    world.saga.failures = [CODES.INTERNAL] * 3
    await world.order("one")
    await world.until_done(1)

    await world.restart_saga()
    await world.order("two", sequence=1)
    await world.until_done(2)

    assert [letter.reason for letter in world.ledger.parked] == [
        "LOGIC_FAILED",
        "BEHIND_DEAD_LETTER",
    ]
    assert world.saga.seen == ["one"] * 3


async def test_logic_that_is_gone_costs_no_attempt(world: World) -> None:
    """The subscription pauses and says so; it goes on where it was when logic is back."""
    await world.silence("saga-logic")
    await world.order("one")
    await world.order("other", root=OTHER)
    await world.until(world.is_not_serving)

    await world.start_logic()
    await world.until_done(2)
    await world.until(world.is_serving)

    assert (world.ledger.retried, world.ledger.parked) == (0, [])
    assert (len(await world.stock()), len(await world.stock(OTHER))) == (1, 1)


async def test_a_long_pause_costs_no_attempt(world: World) -> None:
    """However often logic could not be asked."""
    world.saga.failures = [CODES.UNAVAILABLE] * 20

    await world.order("two apples")
    await world.until_done(1)

    assert len(world.saga.executed) == 21
    assert (world.ledger.retried, world.ledger.parked) == (0, [])
    assert len(await world.stock()) == 1


async def test_logic_that_serves_no_saga_pauses(world: World) -> None:
    """UNIMPLEMENTED of Execute is no failure of an event, and nothing counts as handled."""
    execute = world.saga.methods.pop("Saga/Execute")
    await world.order("two apples")
    await world.until(world.is_not_serving)
    checkpoint = world.ledger.checkpoint()

    world.saga.methods["Saga/Execute"] = execute
    await world.until_done(1)
    await world.until(world.is_serving)

    assert checkpoint == 0
    assert (world.ledger.retried, world.ledger.parked) == (0, [])
    assert len(await world.stock()) == 1
