"""A commit whose answer was lost is executed again, and answered as it would have been."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from angzarr_ports import System
from angzarr_store import (
    Advance,
    FencedError,
    LetterState,
    SaveLetter,
    Timer,
    UnknownOutcomeError,
)
from angzarr_store_conformance import batch, root_key
from angzarr_store_conformance._letters import letter
from angzarr_store_conformance._process import decision
from angzarr_store_postgres import PostgresStore, _writer

from .conftest import Database, answers
from .proxy import Wire

CHAIN = b"c" * 32


@pytest.fixture
async def wire(database: Database) -> AsyncIterator[Wire]:
    """Return the wire between the store and its server."""
    async with Wire(database.server.port).open() as found:
        yield found


@pytest.fixture
async def store(database: Database, wire: Wire, system: System) -> AsyncIterator[PostgresStore]:
    """Return a store behind the wire."""
    config = replace(database.config, url=wire.through(database.config.url))
    found = await PostgresStore.open(config, system)
    yield found
    await found.aclose()


async def test_a_lost_answer_is_found_again(store: PostgresStore, wire: Wire) -> None:
    """What was committed is not stored again; a conflict stays one."""
    log = await store.log("order")
    wire.to_lose = 1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(log.append(batch(f"c{it}", root=it))) for it in range(3)]
    head = await log.head()

    assert wire.lost == 1
    assert [task.result().row.first_position for task in tasks] == [1, 2, 3]
    assert head.position == 3


async def test_a_lost_answer_to_a_subscriber_fences_nobody(
    store: PostgresStore, wire: Wire
) -> None:
    """Its own checkpoint is no sign of another owner; that of another is."""
    lease = await store.ledger.acquire("saga", "order")
    wire.to_lose = 1

    await store.ledger.commit(lease, [Advance(old=0, new=4, chain=CHAIN)])
    with pytest.raises(FencedError):
        await store.ledger.commit(lease, [Advance(old=0, new=4, chain=CHAIN)])

    assert wire.lost == 1
    assert (await store.ledger.acquire("saga", "order")).position == 4


async def test_a_lost_answer_to_an_operator_is_given_again(
    store: PostgresStore, wire: Wire
) -> None:
    """A letter that was discarded was parked; another note is another operator's."""
    lease = await store.ledger.acquire("saga", "order")
    await store.ledger.commit(lease, [SaveLetter(letter=letter(1, LetterState.PARKED))])
    wire.to_lose = 1

    assert await store.ledger.discard_letter(letter(1).id, "lost")
    assert wire.lost == 1
    wire.to_lose = 1
    assert not await store.ledger.discard_letter(letter(1).id, "else")


async def test_a_cancelled_timer_whose_answer_is_lost_is_unknown(
    store: PostgresStore, wire: Wire
) -> None:
    """Nobody can tell whether it was there; others of the transaction are answered."""
    log = await store.log("order")
    armed = Timer(
        key=root_key(1), timer_type="pay", correlation_id="flow", deadline="2026", set_at="2025"
    )
    await log.append(decision("d-1", armed=(armed,)))
    wire.to_lose = 1

    async with asyncio.TaskGroup() as group:
        other = group.create_task(log.append(batch("c", root=2)))
        with pytest.raises(UnknownOutcomeError):
            await log.cancel_timer(root_key(1), "pay")

    assert other.result().row.first_position == 2
    assert await log.timers(limit=9) == []


async def test_an_answer_that_stays_lost_is_unknown(
    own: Database, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same id settles it."""
    monkeypatch.setattr(_writer, "RERUN_SECONDS", 0.2)
    async with Wire(own.server.port).open() as wire:
        store = await PostgresStore.open(
            replace(own.config, url=wire.through(own.config.url)), system
        )
        log = await store.log("order")
        wire.to_lose = 10**6

        with pytest.raises(UnknownOutcomeError):
            await log.append(batch("a"))
        wire.to_lose = 0
        async with asyncio.timeout(20):
            while not await answers(store):
                await system.clock.sleep(0.05)
        settled = await log.append(batch("a"))
        await store.aclose()

    assert (settled.repeated, settled.row.first_position) == (True, 1)
