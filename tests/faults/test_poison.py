"""S13: poison parks its own roots, in order, over restarts; a replay gives everything back."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr.dead_letter_pb2 import (
    DiscardDeadLettersRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from angzarr.dead_letter_pb2_grpc import DeadLettersStub
from angzarr.types_pb2 import EventBook

from .process import until
from .subscribing import ATTEMPTS, Chain

ROOTS, LONG_ROOTS = 100, 1_000
EVENTS_PER_ROOT, LONG_EVENTS = 3, 10
SENDERS = 16
POISON = "poison"

pytestmark = pytest.mark.timeout(1800)


class Poison:
    """Logic that fails on one word until it is cured."""

    def __init__(self) -> None:
        self.is_cured = False
        self.good: Any = None
        self.passes = asyncio.Semaphore(10**6)

    async def __call__(self, book: EventBook, context: Any) -> Any:
        """Fail, or do what good logic does."""
        await self.passes.acquire()
        if not self.is_cured:
            await context.abort(grpc.StatusCode.INTERNAL, "poison")
        return self.good(book)


def chained(directory: Path, kind: str) -> tuple[Chain, Poison]:
    """Return a chain whose logic chokes on the word."""
    poison = Poison()
    chain = Chain(directory, kind, {POISON: poison})
    poison.good = chain.logic.good
    return chain, poison


def root_of(number: int) -> bytes:
    """Return the root of a number."""
    return number.to_bytes(16, "big")


@pytest.mark.parametrize("kind", ["saga", "projector"])
async def test_poison_parks_its_own_root(scratch: Path, kind: str, *, is_long: bool) -> None:
    """One root in a hundred waits as letters in order; replayed, every root has every effect."""
    roots = range(LONG_ROOTS if is_long else ROOTS)
    events = LONG_EVENTS if is_long else EVENTS_PER_ROOT
    poisoned = [root_of(it) for it in roots if it % 100 == 50]
    chain, poison = chained(scratch, kind)
    async with chain.running():
        await fill(chain, roots, events, set(poisoned))
        await chain.until_done()
        parked = [(root, reason) for root, reason, _ in chain.letters()]
        before = [chain.effects(root) for root in map(root_of, roots)]
        poison.is_cured = True
        await replay(chain)
        await until(lambda: is_free(chain))
        after = [chain.effects(root) for root in map(root_of, roots)]
        seen = [word for root, word in chain.logic.seen if root in poisoned]

    whole = chain.all_of(events)
    assert {root: [why for it, why in parked if it == root][1:] for root in poisoned} == {
        root: ["BEHIND_DEAD_LETTER"] * (events - 1) for root in poisoned
    }
    assert {root for root, _ in parked} == set(poisoned)
    assert [it == whole for it in before] == [it not in poisoned for it in map(root_of, roots)]
    assert after == [whole for _ in roots]
    assert seen[-(events - 1) * len(poisoned) :][: events - 1] == [
        f"word {at}" for at in range(1, events)
    ], "replayed out of order"


@pytest.mark.parametrize("kind", ["saga", "projector"])
async def test_attempts_survive_a_restart(scratch: Path, kind: str) -> None:
    """Killed in its last attempt, a subscriber has that one again and no other."""
    chain, poison = chained(scratch, kind)
    poison.passes = asyncio.Semaphore(1)
    async with chain.running():
        await chain.order(POISON, root_of(1))
        await until(lambda: tried(chain, ATTEMPTS))
        await chain.subscriber.end()
        poison.passes = asyncio.Semaphore(10**6)
        await chain.subscriber.start()
        await chain.until_done()
        found = chain.letters()

    assert len(chain.logic.seen) == ATTEMPTS + 1, "attempts were forgotten"
    assert [(root, attempts) for root, _, attempts in found] == [(root_of(1), ATTEMPTS)]


@pytest.mark.parametrize("kind", ["saga", "projector"])
async def test_a_discarded_letter_lets_its_root_go_on(scratch: Path, kind: str) -> None:
    """What is given up has no effect; what waited behind it has."""
    chain, _ = chained(scratch, kind)
    async with chain.running():
        for word in (POISON, "second", "third"):
            await chain.order(word, root_of(1))
        await chain.until_done()
        async with grpc.aio.insecure_channel(chain.subscriber.address) as channel:
            stub = DeadLettersStub(channel)
            (first, *_) = (await stub.List(ListDeadLettersRequest(), timeout=20)).letters
            asked = DiscardDeadLettersRequest(ids=[first.id], note="spoiled")
            await stub.Discard(asked, timeout=20)
        await until(lambda: is_free(chain))
        effects = chain.effects(root_of(1))

    assert [word for _, word in chain.logic.seen][-2:] == ["second", "third"]
    assert effects == chain.all_of(2 if kind == "saga" else 3)


async def fill(chain: Chain, roots: range, events: int, poisoned: set[bytes]) -> None:
    """Store events of every root; the first of some is poison."""
    slots = asyncio.Semaphore(SENDERS)

    async def one(root: bytes) -> None:
        async with slots:
            for at in range(events):
                word = POISON if root in poisoned and at == 0 else f"word {at}"
                await chain.order(word, root)

    async with asyncio.TaskGroup() as group:
        for root in map(root_of, roots):
            group.create_task(one(root))


async def replay(chain: Chain) -> None:
    """Have every letter tried again."""
    everything = ReplayDeadLettersRequest(selection=ListDeadLettersRequest())
    async with grpc.aio.insecure_channel(chain.subscriber.address) as channel:
        stub = DeadLettersStub(channel)
        counted = await stub.List(ListDeadLettersRequest(), timeout=20)
        everything.expected_count = counted.total
        await stub.Replay(everything, timeout=60)


async def is_free(chain: Chain) -> bool:
    """Say whether no letter holds a root."""
    return not chain.letters_open()


async def tried(chain: Chain, times: int) -> bool:
    """Say whether logic was asked so often."""
    return len(chain.logic.seen) >= times
