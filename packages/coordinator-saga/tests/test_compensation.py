"""A rejected command is taken back at its source (contract.md §4.6)."""

import asyncio
import logging
from typing import Any

import pytest

from angzarr import FAILURE_DOMAIN, failure_root
from angzarr.types_pb2 import BusinessResponse, CommandBook, SagaCompensationFailed
from angzarr_store import LetterKind

from .logic import (
    Target,
    command,
    overloaded,
    refusing,
    revoked,
    taken_back,
    text_of,
    unimplemented,
)
from .world import ROOT, SAGA, World


@pytest.fixture
async def shop(empty_world: World) -> World:
    """Start a world with records of failures, whose saga gets its first command rejected."""
    empty_world.saga.decide = refusing
    await empty_world.start_records()
    await empty_world.start()
    return empty_world


class Gate:
    """Lets nobody take anything back before it is open."""

    def __init__(self) -> None:
        self.asked = 0
        self._open = asyncio.Event()

    async def take_back(self, context: Any) -> BusinessResponse:
        """Wait, then take the order back."""
        self.asked += 1
        await self._open.wait()
        return await taken_back(context)

    def open(self) -> None:
        """Let everybody pass."""
        self._open.set()


async def texts(world: World) -> list[str]:
    """Return what the events of the source say."""
    return [text_of(page.event) for page in await world.pages("order")]


async def records(world: World) -> list[SagaCompensationFailed]:
    """Return what is recorded of the first rejected command."""
    root = failure_root(world.ledger.decided[0].command_id).bytes
    pages = await world.pages("records", root, FAILURE_DOMAIN)
    return [SagaCompensationFailed.FromString(page.event.value) for page in pages]


async def test_the_source_takes_its_event_back(shop: World) -> None:
    """It hears which command of whom was rejected, why, and because of which event."""
    shop.logic["order"].take_back = taken_back

    await shop.order("two apples")
    await shop.until_done(2)

    (revoke,) = shop.logic["order"].revoked
    asked = shop.logic["order"].asked[-1].command
    stored = (await shop.pages("order"))[1]
    rejected = CommandBook.FromString(shop.ledger.decided[0].command)
    assert await texts(shop) == ["two apples", "cancelled"]
    assert (revoke.saga_name, revoke.triggering_event_sequence) == (SAGA, 0)
    assert revoke.rejection_reason == "Stock says FAILED_PRECONDITION"
    assert revoke.rejected_command == rejected
    assert (asked.cover.correlation_id, asked.pages[0].sequence) == ("flow two apples", 0)
    assert asked.pages[0].command.type_url == "type.angzarr/angzarr.RevokeEventCommand"
    assert stored.command_id == asked.command_id == shop.ledger.compensations[0].command_id
    assert [str(it.state) for it in shop.ledger.compensations] == ["accepted"]


async def test_a_compensation_needs_no_current_sequence(shop: World) -> None:
    """The source has gone on meanwhile; the compensation is appended at its true end."""
    shop.logic["order"].take_back = taken_back
    await shop.stop("saga")
    for sequence in range(3):
        await shop.order(f"{sequence}", sequence=sequence)

    await shop.start_saga()
    await shop.until_done(6)

    assert await texts(shop) == ["0", "1", "2", "cancelled", "cancelled", "cancelled"]


async def test_a_rejection_and_its_compensation_are_one_transaction(shop: World) -> None:
    """There is no moment at which the one is stored without the other."""
    await shop.order("two apples")
    await shop.until(lambda: shop.ledger.ended)

    assert shop.ledger.saves("rejected")[0] == ["rejected", "due"]
    assert len(shop.ledger.saves("due")) == 1


async def test_the_checkpoint_waits_for_no_compensation(shop: World) -> None:
    """A source that is silent stops neither later commands nor the checkpoint."""
    gate = Gate()
    shop.logic["order"].take_back = gate.take_back

    await shop.order("two apples")
    await shop.until_done(1)
    await shop.until(lambda: gate.asked)

    assert [text_of(page.event) for page in await shop.stock()] == ["go two apples"]
    assert [str(it.state) for it in shop.ledger.compensations] == ["due"]
    gate.open()
    await shop.until(lambda: shop.ledger.ended)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
async def test_a_compensation_survives_restarts(shop: World, durable: bool) -> None:  # noqa: FBT001 - a row
    """It is sent again under its id, although the checkpoint is past its event, and acts once."""
    gate = Gate()
    shop.logic["order"].take_back = gate.take_back
    await shop.stop("saga")
    shop.durable = durable
    await shop.start_saga()
    await shop.order("two apples")
    await shop.until_done(1)

    for _ in range(2):
        await shop.until(lambda: gate.asked)
        await shop.restart_saga()
    gate.open()
    await shop.until(lambda: shop.ledger.ended)
    await shop.until_done(2)

    assert await texts(shop) == ["two apples", "cancelled"]
    assert len({it.command.SerializeToString() for it in revocations(shop)}) == 1
    assert len(shop.saga.executed) == 2


def revocations(world: World) -> list[Any]:
    """Return the revocations that the source's logic was asked for."""
    return [it for it in world.logic["order"].asked if it.command.is_revocation]


async def test_a_source_without_a_way_back_leads_to_a_record(shop: World) -> None:
    """Both reasons, both ids and the command are kept, on the workflow of the order."""
    shop.logic["order"].take_back = unimplemented

    await shop.order("two apples")
    await shop.until(lambda: shop.ledger.ended)

    (failed,) = await records(shop)
    assert failed.rejection_reason == "Stock says FAILED_PRECONDITION"
    assert failed.compensation_failure_reason == "Order says UNIMPLEMENTED"
    assert (failed.saga_name, failed.triggering_aggregate.root.value) == (SAGA, ROOT)
    assert failed.rejected_command.command_id == shop.ledger.decided[0].command_id
    assert [str(it.state) for it in shop.ledger.compensations] == ["rejected", "accepted"]
    assert shop.ledger.parked == []


async def test_flags_of_the_source_win_over_the_fallback(
    shop: World, caplog: pytest.LogCaptureFixture
) -> None:
    """People are told once, the compensation is parked, nothing is recorded."""
    shop.logic["order"].take_back = revoked(escalate=True, send_to_dead_letter_queue=True)

    with caplog.at_level(logging.ERROR, logger="angzarr.alerts"):
        await shop.order("two apples")
        await shop.until(lambda: shop.ledger.parked)

    (letter,) = shop.ledger.parked
    compensation = shop.ledger.compensations[0]
    assert (letter.reason, letter.attempts) == ("COMMAND_REVOKED", 1)
    assert (letter.kind, letter.payload) == (LetterKind.COMPENSATION, compensation.command)
    assert letter.command_id == compensation.command_id
    assert [it.message for it in caplog.records] == ["command.escalated"]
    assert [str(it.state) for it in shop.ledger.compensations] == ["parked"]
    assert await records(shop) == []
    assert shop.ledger.checkpoint() == 1


async def test_the_fallback_can_be_chosen(
    empty_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Here it parks, tells people and does not record."""
    world = empty_world
    world.saga.decide = refusing
    world.logic["order"].take_back = unimplemented
    await world.start_records()
    prefix = "--component.compensation.fallback"
    told = ("emit=false", "dead_letter=true", "escalate=true")
    await world.start(*[f"{prefix}.{it}" for it in told])

    with caplog.at_level(logging.ERROR, logger="angzarr.alerts"):
        await world.order("two apples")
        await world.until(lambda: world.ledger.parked)

    assert await records(world) == []
    assert [it.message for it in caplog.records] == ["command.escalated"]
    assert world.ledger.parked[0].reason == "LOGIC_FAILED"


async def test_a_source_that_keeps_failing_parks(shop: World) -> None:
    """The root's later events wait behind the letter; other roots go on."""
    shop.logic["order"].take_back = overloaded
    await shop.order("one")
    await shop.until(lambda: shop.ledger.parked)
    await shop.order("two", sequence=1)
    shop.logic["order"].take_back = taken_back
    await shop.order("three", root=bytes(16))
    await shop.until_done(4)

    first, behind = shop.ledger.parked
    assert (first.attempts, first.reason) == (3, "LOGIC_FAILED")
    assert behind.reason == "BEHIND_DEAD_LETTER"
    assert [str(it.state) for it in shop.ledger.compensations] == ["parked", "accepted"]
    assert shop.saga.seen[:2] == ["one", "three"]


async def test_without_records_the_failure_is_parked(world: World) -> None:
    """Nobody owns the domain: when the budget is spent its content is a letter."""
    world.saga.decide = refusing
    world.logic["order"].take_back = unimplemented

    await world.order("two apples")
    await world.until(lambda: world.ledger.parked)

    (letter,) = world.ledger.parked
    record = world.ledger.compensations[1]
    assert (letter.reason, letter.attempts) == ("UNKNOWN_DOMAIN", 3)
    assert (letter.kind, letter.payload) == (LetterKind.COMPENSATION, record.command)
    assert [str(it.state) for it in world.ledger.compensations] == ["rejected", "parked"]


async def test_deciding_again_keeps_a_compensation(empty_world: World) -> None:
    """What was rejected stays rejected and is taken back once; only the rest is decided anew."""
    world, target = empty_world, Target()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga()
    target.answers = [("FAILED_PRECONDITION", ""), ("ABORTED", "SEQUENCE_MISMATCH")]
    world.saga.decide = lambda _: [command(it, root=ROOT) for it in ("a", "b")]

    await world.order("two apples")
    await world.until_done(1)
    await world.until(lambda: world.ledger.ended)

    assert world.ledger.states == ["rejected", "accepted"]
    assert len(world.saga.executed) == 2
    assert len(world.logic["order"].revoked) == 1
    assert [text_of(book.pages[0].command) for book in target.books] == ["a", "b", "b"]


async def test_a_parked_command_holds_up_no_compensation(empty_world: World) -> None:
    """What was rejected before is taken back at once; later commands wait behind the letter."""
    world, target = empty_world, Target()
    await world.serve("inventory", target)
    await world.start_aggregate("order")
    await world.start_logic()
    await world.start_saga()
    target.answers = [("FAILED_PRECONDITION", ""), ("UNIMPLEMENTED", "")]
    world.saga.decide = lambda _: [command(it, root=ROOT) for it in ("a", "b", "c")]

    await world.order("two apples")
    await world.until_done(1)

    assert world.ledger.states == ["rejected", "parked", "owed"]
    assert len(world.logic["order"].revoked) == 1
    assert [str(it.state) for it in world.ledger.compensations] == ["rejected"]
    assert [text_of(book.pages[0].command) for book in target.books] == ["a", "b"]
    (letter,) = world.ledger.parked
    assert (letter.kind, letter.payload) == (LetterKind.COMMAND, target.got[1])
