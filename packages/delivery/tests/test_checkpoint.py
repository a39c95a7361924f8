"""What is durable before what, and what stops a subscriber."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from angzarr.types_pb2 import CommandBook, EventBook
from angzarr_delivery import HaltedError
from angzarr_delivery._frontier import Frontier
from angzarr_reader import Delta
from angzarr_store import (
    EMPTY_CHAIN,
    Apply,
    DropLetter,
    FencedError,
    Letter,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveReaction,
    StoreConfig,
)
from angzarr_store_memory import MemoryStore

from .conftest import DOMAIN


def delta(first: int, last: int) -> Delta:
    """Return an append without payloads."""
    book = EventBook()
    for position in range(first, last + 1):
        book.pages.add(position=position)
    key = RootKey(edition="angzarr", root=bytes(16))
    return Delta(book=book, key=key, first=first, last=last, chain=bytes([last]))


def test_the_checkpoint_never_passes_an_unfinished_event() -> None:
    """It moves to the end of the longest prefix of whole appends that are done."""
    frontier = Frontier(0, EMPTY_CHAIN, frozenset())
    for appended in (delta(1, 2), delta(3, 3), delta(4, 4)):
        assert [position for position, _ in frontier.admit(appended)]

    frontier.finish(3)
    frontier.finish(1)
    assert frontier.advance() is None

    frontier.finish(2)
    move = frontier.advance()
    assert move is not None
    assert (move.old, move.new, move.chain) == (0, 3, bytes([3]))
    assert frontier.span == 1


def test_events_applied_before_a_restart_are_not_shown_again() -> None:
    """Applied rows above the checkpoint are skipped."""
    frontier = Frontier(0, EMPTY_CHAIN, frozenset({2}))

    assert [position for position, _ in frontier.admit(delta(1, 3))] == [1, 3]


async def test_a_restart_continues_at_the_checkpoint(world: Any) -> None:
    """What was done is not shown again; what came meanwhile is."""
    world.start()
    for _ in range(3):
        await world.record(1)
    await world.until_checkpoint(3)
    await world.crash()
    await world.record(1)
    world.start()
    await world.until_checkpoint(4)

    assert [sequence for _, sequence in world.handler.seen] == [0, 1, 2, 3]


async def test_an_effect_that_was_not_stored_is_repeated(world: Any) -> None:
    """A crash between the handler and the checkpoint shows the event again."""
    gate = asyncio.Event()

    async def hang(_: Any, __: Any) -> None:
        await gate.wait()

    world.handler.act = hang
    world.start()
    await world.record(1)
    await world.until(lambda: world.handler.attempts)
    await world.crash()
    world.handler.act = None
    world.start()
    await world.until_checkpoint(1)

    assert world.handler.attempts == [1, 1]
    assert len(world.handler.seen) == 1


async def test_what_a_deleted_edition_leaves_is_passed(world: Any) -> None:
    """Its places are holes in the feed, before, between and behind what is left (§4.13)."""
    for root, edition in enumerate(("try", "angzarr", "try", "try", "angzarr", "try"), 1):
        await world.record(root, 2, publish=False, edition=edition)
    await world.log.delete_edition("try")
    world.start()
    await world.until_checkpoint(12)

    assert sorted(world.handler.seen) == [
        (bytes([root]) * 16, sequence) for root in (2, 5) for sequence in (0, 1)
    ]

    await world.record(7)
    await world.until_checkpoint(13)


async def test_what_is_due_outlives_a_deleted_edition(world: Any) -> None:
    """The event was not done when its edition was deleted: its place comes without it."""
    origin = CommandBook().saga_origin
    origin.triggering_aggregate.address(DOMAIN, bytes([1]) * 16, edition="try")
    command = CommandBook(saga_origin=origin).SerializeToString()
    due = Reaction(position=1, index=1, command_id="c-1", command=command, state=ReactionState.DUE)
    shown = []

    async def settle(event: Any, commit: Any) -> None:
        shown.append((event.position, event.is_done))
        if event.is_done:
            await commit([SaveReaction(reaction=replace(due, state=ReactionState.ACCEPTED))])
        else:
            await commit([SaveReaction(reaction=due)])
            await asyncio.Event().wait()

    world.handler.act = settle
    world.start()
    await world.record(1, edition="try")
    await world.until(lambda: world.ledger.changes)
    await world.crash()
    await world.log.delete_edition("try")
    world.start()
    await world.until(lambda: len(shown) == 2)
    await world.until_checkpoint(1)

    assert shown == [(1, False), (1, True)]


@pytest.mark.parametrize("is_passed", [True, False], ids=["passed", "above the checkpoint"])
async def test_a_counted_failure_of_what_is_over_is_forgotten(
    world: Any, *, is_passed: bool
) -> None:
    """A crash between the last result of a compensation and that leaves nothing behind for ever."""
    gate = asyncio.Event()

    async def wait(event: Any, _commit: Any) -> None:
        if not is_passed and event.key.root == bytes([1]) * 16:
            await gate.wait()

    world.handler.act = wait
    world.start()
    await world.record(1)
    await world.record(2)
    await world.until(lambda: len(world.handler.seen) == 1 + is_passed)
    await world.until(lambda: Apply(position=2) in world.ledger.changes or is_passed)
    await world.crash()
    lease = await world.ledger.acquire("saga", DOMAIN)
    counted = Letter(
        id=lease.letter_id(2),
        subscriber="saga",
        domain=DOMAIN,
        position=2,
        sequence=0,
        key=RootKey(edition="angzarr", root=bytes([2]) * 16),
        state=LetterState.RETRYING,
        cover=b"",
        payload=b"",
        status=b"",
        reason="LOGIC_FAILED",
        attempts=1,
    )
    await world.ledger.commit(lease, [SaveLetter(letter=counted)])
    world.start()
    await world.until(lambda: DropLetter(id=counted.id) in world.ledger.changes)
    gate.set()

    assert await world.ledger.letter(counted.id) is None


async def test_a_slow_root_holds_back_the_checkpoint_not_the_others(world: Any) -> None:
    """Other roots are applied above the checkpoint and not repeated after a crash."""
    gate = asyncio.Event()

    async def slow(event: Any, _: Any) -> None:
        if event.key.root[0] == 1:
            await gate.wait()

    world.handler.act = slow
    world.start()
    for number in (1, 2, 3):
        await world.record(number)
    await world.until(lambda: len(world.handler.seen) == 2)
    await world.crash()
    world.handler.act = None
    world.start()
    await world.until_checkpoint(3)

    assert sorted(root[0] for root, _ in world.handler.seen) == [1, 2, 3]


async def test_stopping_finishes_what_is_in_work(world: Any) -> None:
    """After stop nothing new is taken and the checkpoint holds what was begun."""
    gate = asyncio.Event()

    async def wait(_: Any, __: Any) -> None:
        await gate.wait()

    world.handler.act = wait
    world.start()
    await world.record(1)
    await world.until(lambda: world.handler.attempts)
    world.stop.set()
    gate.set()
    async with asyncio.timeout(5):
        await world.running

    assert world.ledger.checkpoint == 1


async def test_another_owner_fences(world: Any) -> None:
    """The task of a subscriber whose lease was taken dies with FencedError."""
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    await world.store.ledger.acquire("saga", "order")
    await world.record(1)
    await world.until(lambda: world.died)

    assert isinstance(world.died[0], FencedError)


@pytest.mark.parametrize(
    ("rewrite", "why"),
    [(1, "Log of domain order differs at position 1"), (0, "Position 1 is past head 0")],
)
async def test_a_log_that_is_not_the_same_stops_the_subscriber(
    world: Any, rewrite: int, why: str
) -> None:
    """A log that is shorter, or has other events at the checkpoint, is not followed."""
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    await world.crash()
    seen = len(world.handler.seen)
    other = await MemoryStore.open(StoreConfig(url="", component="saga"), world.system)
    world.log = await other.log("order")
    for _ in range(rewrite * 2):
        await world.record(1, publish=False)
    world.feed.log = world.log
    world.start()
    await world.until(lambda: world.died)

    assert isinstance(world.died[0], HaltedError)
    assert why in world.died[0].why
    assert len(world.handler.seen) == seen


async def test_whoever_asks_hears_what_is_durable(world: Any) -> None:
    """First of the lease and where it begins, then of each move of the checkpoint."""
    world.start()
    await world.record(1)
    await world.until_checkpoint(1)
    await world.crash()
    world.start()
    await world.record(1)
    await world.until_checkpoint(2)

    moves = [(began, moved) for began, moved in world.heard if moved or began]
    assert moves[0] == (0, [1])
    assert moves[1:] == [(1, []), (1, [2])]
    assert world.heard[0] == (0, [])
