"""What became of an append is answered from what is durable (contract.md §4.2)."""

from collections.abc import AsyncIterator

import pytest

from angzarr.types_pb2 import (
    CommandBook,
    ComponentResult,
    RpcStatus,
    SagaExecuteRequest,
)
from angzarr_ports import SystemClock, real_system
from angzarr_progress import Watch
from angzarr_store import (
    REACTIONS_KEPT,
    Advance,
    Ledger,
    Reaction,
    ReactionState,
    SaveReaction,
    StoreConfig,
)
from angzarr_store_memory import MemoryStore

from .books import Books

APPLIED, SKIPPED, TIMED_OUT = (
    ComponentResult.COMPONENT_RESULT_APPLIED,
    ComponentResult.COMPONENT_RESULT_SKIPPED,
    ComponentResult.COMPONENT_RESULT_TIMED_OUT,
)


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    """Return the rows of a saga that has sent a command because of the event at position 1."""
    system = real_system(lambda _name, _error: None)
    store = await MemoryStore.open(StoreConfig(url="", component="saga"), system)
    lease = await store.ledger.acquire("saga", "order")
    command = CommandBook.to("stock", bytes(16), SagaExecuteRequest())
    reaction = Reaction(
        position=1,
        index=0,
        command_id="c",
        command=command.SerializeToString(),
        state=ReactionState.ACCEPTED,
        outcome=RpcStatus().at(7).SerializeToString(),
    )
    await store.ledger.commit(lease, [SaveReaction(reaction=reaction)])
    yield store.ledger
    await store.aclose()
    await system.tasks.aclose()


async def advanced(ledger: Ledger, to: int, *, edition: str = "") -> Watch:
    """Return what watches a subscription that stands at a position."""
    lease = await ledger.acquire("saga", "order")
    move = Advance(old=0, new=to, chain=bytes(32))
    await ledger.commit(lease, [move])
    watch = Watch("saga", "saga", ledger, SystemClock())
    watch.begin({"order": Books([1, 1], edition=edition)}, lambda cover: cover.is_main)
    watch.track.begun(lease, lambda: None)
    watch.track.stored(lease, [move])
    return watch


async def test_a_command_is_known_as_long_as_its_event_is_near(ledger: Ledger) -> None:
    """With the position that its target gave it."""
    found = await (await advanced(ledger, REACTIONS_KEPT)).known("order", 1)

    (command,) = found.outcome.commands
    assert (found.outcome.result, found.outcome.message) == (APPLIED, "")
    assert (command.cover.domain, command.position) == ("stock", 7)


async def test_what_is_forgotten_is_not_denied(ledger: Ledger) -> None:
    """An append far behind the checkpoint is applied; it is not said that nothing was sent."""
    found = await (await advanced(ledger, REACTIONS_KEPT + 1)).known("order", 1)

    assert (found.outcome.result, list(found.outcome.commands)) == (APPLIED, [])
    assert found.outcome.message == "what it sent is no longer known"


async def test_another_timeline_is_skipped(ledger: Ledger) -> None:
    """Its events are not applied, and the message says why."""
    found = await (await advanced(ledger, 2, edition="what-if")).known("order", 1)

    assert found.outcome.result == SKIPPED
    assert found.outcome.message == "edition what-if is not followed"


async def test_what_is_not_done_yet_is_late(ledger: Ledger) -> None:
    """Whoever has no more patience is told what there is."""
    found = await (await advanced(ledger, 1)).seen("order", 2)

    assert (found.outcome.result, found.outcome.message) == (TIMED_OUT, "not in time")
