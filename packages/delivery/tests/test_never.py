"""What must never happen is counted when it is found out, and nothing is applied after it."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.feed_pb2 import FeedBatch
from angzarr.types_pb2 import EventBook, EventPage
from angzarr_delivery import HaltedError
from angzarr_delivery._frontier import Frontier
from angzarr_reader import Delta
from angzarr_store import (
    EMPTY_CHAIN,
    FencedError,
    InvariantError,
    Reaction,
    RootKey,
    SaveReaction,
    StoreConfig,
)
from angzarr_store_memory import MemoryStore


def never(world: Any) -> dict[str, float]:
    """Return the counters of zero tolerance that have moved."""
    return {
        family.metric.name: sum(family.series.values())
        for family in world.system.metrics.collect()
        if family.metric.name.endswith("_total") and family.metric.labels == ("component", "domain")
        if any(family.series.values())
    }


async def ended(world: Any) -> BaseException:
    """Return what ended the subscriber."""
    await world.until(lambda: world.died)
    error: BaseException = world.died.pop()
    return error


def batches(world: Any, change: Any) -> None:
    """Let `change` spoil what the feed answers."""
    honest = world.feed.read

    async def read(after: int, chain: bytes, limit: int) -> FeedBatch:
        batch: FeedBatch = await honest(after, chain, limit)
        change(batch)
        return batch

    world.feed.read = read


async def test_a_feed_that_begins_elsewhere_is_not_applied(world: Any) -> None:
    """A batch that leaves out what was asked for ends the process; nothing of it is handled."""
    for root in (1, 2, 3):
        await world.record(root, publish=False)

    def begin_later(batch: FeedBatch) -> None:
        batch.after_position += 1
        del batch.books[:1], batch.book_chains[:1]

    batches(world, begin_later)
    world.start()

    assert isinstance(await ended(world), InvariantError)
    assert never(world) == {"angzarr_gap_applied_total": 1}
    assert world.ledger.checkpoint <= 1


async def test_an_append_that_is_not_whole_is_not_applied(world: Any) -> None:
    """A page that is missing between others ends the process."""
    await world.record(1, count=3, publish=False)

    def drop_second(batch: FeedBatch) -> None:
        del batch.books[0].pages[1]

    batches(world, drop_second)
    world.start()

    assert isinstance(await ended(world), InvariantError)
    assert never(world) == {"angzarr_gap_applied_total": 1}


async def test_events_of_a_root_in_a_wrong_order_are_not_applied(world: Any) -> None:
    """A sequence that is not behind the one before it in its lane ends the process."""
    for _ in range(2):
        await world.record(1, publish=False)

    def swap(batch: FeedBatch) -> None:
        if len(batch.books) == 2:
            batch.books[0].pages[0].num, batch.books[1].pages[0].num = 1, 0

    batches(world, swap)
    world.start()

    assert isinstance(await ended(world), InvariantError)
    assert never(world) == {"angzarr_order_violation_total": 1}


async def test_an_event_is_not_completed_while_it_owes_a_command(world: Any) -> None:
    """A handler that forgets what it decided ends the process before the checkpoint moves."""
    reaction = Reaction(position=1, index=0, command_id="c-1", command=b"bytes")

    async def forget(_event: Any, commit: Any) -> None:
        await commit([SaveReaction(reaction=reaction)])

    world.handler.act = forget
    await world.record(1)
    world.start()

    assert isinstance(await ended(world), InvariantError)
    assert never(world) == {"angzarr_lost_reaction_total": 1}
    assert world.ledger.checkpoint == 0


async def test_a_checkpoint_beyond_the_head_halts(world: Any) -> None:
    """A log that was cut off is not read again from its end."""
    await world.record(1)
    world.start()
    await world.until_checkpoint(1)
    await world.crash()
    await other_log(world)
    world.start()

    assert isinstance(await ended(world), HaltedError)
    assert never(world) == {"angzarr_checkpoint_ahead_total": 1}


async def test_a_rewritten_log_halts(world: Any) -> None:
    """The chain at the checkpoint is not the one that was applied."""
    await world.record(1)
    world.start()
    await world.until_checkpoint(1)
    await world.crash()
    await other_log(world)
    await world.record(9, publish=False)
    world.start()

    assert isinstance(await ended(world), HaltedError)
    assert never(world) == {"angzarr_chain_mismatch_total": 1}


async def other_log(world: Any) -> None:
    """Put an empty log in the place of the one that was read."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), world.system)
    world.log = world.feed.log = await store.log("order")


async def test_a_change_after_a_takeover_is_counted(world: Any) -> None:
    """Whoever was replaced is fenced, and ends."""
    world.start()
    await world.until(lambda: world.feed.reads)
    await world.ledger.acquire("saga", "order")
    await world.record(1)

    assert isinstance(await ended(world), FencedError)
    assert never(world) == {"angzarr_epoch_rejected_after_takeover_total": 1}


def delta(first: int) -> Delta:
    """Return an append of one event."""
    page = EventPage(num=0, position=first)
    page.event.Pack(StringValue(value="x"))
    key = RootKey(edition="angzarr", root=bytes(16))
    book = EventBook(pages=[page])
    return Delta(book=book, key=key, first=first, last=first, chain=b"")


@pytest.mark.parametrize(
    ("first", "metric"), [(1, "duplicate_effect"), (4, "gap_applied"), (2, "duplicate_effect")]
)
def test_only_the_next_append_is_admitted(first: int, metric: str) -> None:
    """One that was there, and one that leaves something out, are violations of their own."""
    frontier = Frontier(0, EMPTY_CHAIN, frozenset())
    drain(frontier.admit(delta(1)))
    drain(frontier.admit(delta(2)))

    with pytest.raises(InvariantError) as found:
        drain(frontier.admit(delta(first)))

    assert found.value.metric.name == f"angzarr_{metric}_total"  # type: ignore[attr-defined]


def test_an_event_is_done_once() -> None:
    """Completing it again is a duplicate effect."""
    frontier = Frontier(0, EMPTY_CHAIN, frozenset())
    drain(frontier.admit(delta(1)))
    frontier.finish(1)

    with pytest.raises(InvariantError) as found:
        frontier.finish(1)

    assert found.value.metric.name == "angzarr_duplicate_effect_total"  # type: ignore[attr-defined]


def drain(events: Iterator[object]) -> None:
    """Admit all of an append."""
    for _ in events:
        pass
