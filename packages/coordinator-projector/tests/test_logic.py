"""Logic of a projector that fails, is late or is gone (contract.md §4.8, reliability.md §3)."""

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
        CODES.NOT_FOUND,
        CODES.UNKNOWN,
        CODES.INTERNAL,
        CODES.ABORTED,
        CODES.CANCELLED,
        CODES.DEADLINE_EXCEEDED,
    ],
)
async def test_a_failure_is_tried_again(world: World, code: grpc.StatusCode) -> None:
    """Whatever its code; the result is kept once."""
    world.projector.failures = [code, code]

    await world.order("one")
    await world.until_done(1)

    assert (world.projector.seen, world.ledger.retried) == (["one"] * 3, 2)
    assert (len(world.ledger.projections), world.ledger.parked) == (1, [])


async def test_an_event_that_keeps_failing_parks_only_its_root(world: World) -> None:
    """With its bytes and its last status; the root's later events wait behind it, untried."""
    world.projector.failing = lambda text: text == "bad"
    response = await world.order("bad")
    await world.until_done(1)

    await world.order("behind", sequence=1)
    await world.order("one", root=OTHER)
    await world.order("two", root=OTHER, sequence=1)
    await world.until_done(4)

    first, second = world.ledger.parked
    status = RpcStatus.FromString(first.status)
    assert (status.code, status.message) == (9, "Projector says no")
    assert (first.reason, first.attempts, first.key.root) == ("LOGIC_FAILED", 3, ROOT)
    assert first.payload == response.events.SerializeToString()
    assert (second.reason, second.attempts) == ("BEHIND_DEAD_LETTER", 0)
    assert world.projector.seen == ["bad"] * 3 + ["one", "two"]
    assert (await world.projection(ROOT), await world.projection(OTHER)) == (None, (1, "two"))


async def test_other_roots_go_on_while_one_is_retried(empty_world: World) -> None:
    """A poisoned root costs nobody else time; events before the failure stay applied."""
    world = empty_world
    await world.start("--delivery.attempts=1000")
    world.projector.failing = lambda text: text == "bad"
    await world.order("good")
    await world.order("bad", sequence=1)
    await world.until(lambda: world.ledger.retried)

    for sequence in range(20):
        await world.order(f"{sequence}", root=OTHER, sequence=sequence)
    await world.until(lambda: len(world.ledger.projections) == 21)
    before = world.ledger.checkpoint()
    world.projector.failing = lambda _: False
    await world.until_done(22)

    assert before == 1
    assert await world.projection(ROOT) == (1, "bad")
    assert world.ledger.parked == []


async def test_late_logic_is_a_failed_attempt(empty_world: World) -> None:
    """Each call has its limit."""
    world = empty_world
    await world.start("--logic_deadline=0.2", "--delivery.attempts=100")
    world.projector.gates["one"] = gate = asyncio.Event()

    await world.order("one")
    await world.until(lambda: world.ledger.retried)
    gate.set()
    await world.until_done(1)

    assert (len(world.ledger.projections), world.ledger.parked) == (1, [])


async def test_logic_that_is_gone_costs_no_attempt(world: World) -> None:
    """The subscription pauses and says so; it goes on where it was when logic is back."""
    await world.silence("projector-logic")
    await world.order("one")
    await world.order("other", root=OTHER)
    await world.until(world.is_not_serving)

    await world.start_logic()
    await world.until_done(2)
    await world.until(world.is_serving)

    assert (world.ledger.retried, world.ledger.parked) == (0, [])
    assert sorted(world.projector.seen) == ["one", "other"]


async def test_a_long_pause_costs_no_attempt(world: World) -> None:
    """However often logic could not be asked."""
    world.projector.failures = [CODES.UNAVAILABLE] * 10

    await world.order("one")
    await world.until_done(1)

    assert len(world.projector.seen) == 11
    assert (world.ledger.retried, world.ledger.parked) == (0, [])
