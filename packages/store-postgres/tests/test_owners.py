"""Several processes want the same log or subscription."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from angzarr_ports import System
from angzarr_store import (
    Advance,
    ConflictError,
    EventLog,
    FencedError,
    Ledger,
    StoreConfig,
    Verifier,
)
from angzarr_store_conformance import append_on, batch
from angzarr_store_postgres import PostgresStore, _leases

from .conftest import Database

CHAIN = b"c" * 32
WRITER = """
import asyncio, sys
from angzarr_ports import real_system
from angzarr_store import StoreConfig
from angzarr_store_conformance import append_on
from angzarr_store_postgres import PostgresStore

async def main():
    config = StoreConfig(url=sys.argv[1], component="order")
    store = await PostgresStore.open(config, real_system(print))
    log = await store.log("order")
    await store.ledger.acquire("saga", "order")
    await append_on(log, 16)

asyncio.run(main())
"""
Another = Callable[..., Awaitable[PostgresStore]]


@pytest.fixture
async def another(database: Database, system: System) -> AsyncIterator[Another]:
    """Open the store once more, alone or beside others."""
    opened: list[PostgresStore] = []

    async def open_it(*, shared: bool = False) -> PostgresStore:
        config = replace(database.config, shared=shared)
        opened.append(await PostgresStore.open(config, system))
        return opened[-1]

    yield open_it
    for store in opened:
        await store.aclose()


async def test_replicas_share_an_epoch_and_every_race_has_one_winner(another: Another) -> None:
    """Of two appends with one base one is stored, of two with one id both hear of it."""
    logs = [await (await another(shared=True)).log("order") for _ in range(3)]
    won = 0

    for base in range(12):
        async with asyncio.TaskGroup() as group:
            own = [
                group.create_task(outcome(log, f"own-{at}-{base}", 1, base))
                for at, log in enumerate(logs)
            ]
            same = [group.create_task(outcome(log, f"same-{base}", 2, base)) for log in logs]
        assert sorted(task.result() for task in own) == ["conflict", "conflict", "stored"]
        assert sorted(task.result() for task in same) == ["repeated", "repeated", "stored"]
        won += 2
    page = await logs[0].read_feed(after=0, limit=999, limit_bytes=10**9)

    verifier = Verifier(domain="order")
    assert [verifier.fault(event) for event in page.events] == [""] * won
    assert verifier.end_fault(page.head) == ""
    assert page.head.epoch == 1


async def outcome(log: EventLog, id_: str, root: int, base: int) -> str:
    """Append, and say what it came to."""
    try:
        answer = await log.append(batch(id_, root=root, base=base))
    except ConflictError:
        return "conflict"
    return "repeated" if answer.repeated else "stored"


async def test_a_log_that_grows_is_whole(another: Another) -> None:
    """Who opens it sees head and events of one moment, whatever others append meanwhile."""
    log = await (await another(shared=True)).log("order")
    growing = asyncio.ensure_future(append_on(log, 20))

    opened = [await (await another(shared=True)).log("order") for _ in range(20)]

    head = (await opened[0].head()).position
    growing.cancel()
    with suppress(asyncio.CancelledError):
        await growing
    assert head > 0


async def test_replicas_are_fenced_together(another: Another) -> None:
    """Who takes a log for itself ends the epoch that the others share."""
    first, second = [await (await another(shared=True)).log("order") for _ in range(2)]
    await first.append(batch("a"))
    await second.append(batch("b", base=1))
    alone = await (await another()).log("order")

    for late in (first, second):
        with pytest.raises(FencedError):
            await late.append(batch("c", base=2))

    assert (await alone.append(batch("c", base=2))).row.epoch == 2


async def test_only_the_last_of_many_owners_appends(another: Another) -> None:
    """Taken at once by several, a log has one epoch for each, and the highest one appends."""
    stores = [await another() for _ in range(4)]
    async with asyncio.TaskGroup() as group:
        taking = [group.create_task(store.log("order")) for store in stores]

    told = []
    for at, task in enumerate(taking):
        try:
            told.append((await task.result().append(batch(f"c{at}", root=at))).row.epoch)
        except FencedError:
            continue

    assert told == [4]


async def test_a_lock_that_lasts_is_waited_for(database: Database, another: Another) -> None:
    """Longer than the server lets a statement wait; the append is then stored."""
    log = await (await another()).log("order")
    holder = await database.connect()
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT * FROM head FOR UPDATE")

    waiting = asyncio.ensure_future(log.append(batch("a")))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    refused = "SELECT xact_rollback > 0 FROM pg_stat_database WHERE datname = current_database()"
    async with asyncio.timeout(20):
        while not await database.value(waits) or not await database.value(refused):
            pass
    await transaction.rollback()
    await holder.close()

    assert (await waiting).row.first_position == 1


async def test_a_subscription_has_one_owner_at_a_time(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes second waits until the first lets go."""
    monkeypatch.setattr(_leases, "WAIT_SECONDS", (0.01, 0.02))
    first, second = await another(), await another()
    lease = await first.ledger.acquire("saga", "order")
    await first.ledger.commit(lease, [Advance(old=0, new=3, chain=CHAIN)])
    waiting = asyncio.ensure_future(second.ledger.acquire("saga", "order"))
    other = await second.ledger.acquire("saga", "cart")

    async with asyncio.timeout(10):
        await asyncio.wait([waiting], timeout=0.2)
    is_waiting = not waiting.done()
    await first.ledger.aclose()  # type: ignore[attr-defined]  # of Postgres alone
    async with asyncio.timeout(10):
        taken = await waiting

    assert is_waiting
    assert (other.epoch, taken.epoch, taken.position) == (1, lease.epoch + 1, 3)
    with pytest.raises(FencedError):
        await first.ledger.commit(lease, [Advance(old=3, new=4, chain=CHAIN)])


async def test_many_race_for_a_lease(another: Another, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them gets it, and only that one."""
    monkeypatch.setattr(_leases, "WAIT_SECONDS", (30.0, 30.0))
    ledgers = [(await another()).ledger for _ in range(4)]

    racing = [asyncio.ensure_future(ledger.acquire("saga", "order")) for ledger in ledgers]
    async with asyncio.timeout(10):
        done, losing = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
        again = await ledgers[racing.index(next(iter(done)))].acquire("saga", "order")
    for task in losing:
        task.cancel()

    assert len(done) == 1
    assert again.epoch == 2


async def test_a_lease_that_is_not_renewed_ends(
    another: Another, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the time of the database; the old owner moves nothing any more."""
    monkeypatch.setattr(_leases, "WAIT_SECONDS", (0.01, 0.02))
    first, second = (await another()).ledger, (await another()).ledger
    lease = await first.acquire("saga", "order")
    await database.execute("UPDATE subscriptions SET lease_until = now() - interval '1 second'")

    async with asyncio.timeout(10):
        taken = await second.acquire("saga", "order")

    assert taken.epoch == lease.epoch + 1
    with pytest.raises(FencedError):
        await first.commit(lease, [Advance(old=0, new=1, chain=CHAIN)])


async def test_an_owner_that_lives_keeps_its_lease(
    another: Another, database: Database, monkeypatch: pytest.MonkeyPatch, system: System
) -> None:
    """It is renewed without anybody asking."""
    monkeypatch.setattr(_leases, "RENEW_SECONDS", 0.05)
    ledger: Ledger = (await another()).ledger
    await ledger.acquire("saga", "order")
    await database.execute("UPDATE subscriptions SET lease_until = now()")
    rest = "SELECT extract(epoch FROM lease_until - now())::float8 FROM subscriptions"

    async with asyncio.timeout(10):
        while float(str(await database.value(rest))) < _leases.LEASE_SECONDS - 5:
            await system.clock.sleep(0.02)

    assert await database.value("SELECT owner <> '' FROM subscriptions")


@pytest.mark.timeout(90)
@pytest.mark.parametrize("acknowledgements", [1, 300])
async def test_sigkill_loses_nothing_acknowledged(
    database: Database, system: System, acknowledgements: int
) -> None:
    """Every printed id is stored with all its pages, and positions stay dense."""
    command = [sys.executable, "-c", WRITER, database.config.url]
    writer = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    try:
        async with asyncio.timeout(60):
            acked = [(await writer.stdout.readline()).strip() for _ in range(acknowledgements)]
    finally:
        writer.kill()
    acked += (await writer.stdout.read()).split()
    await writer.wait()

    store = await PostgresStore.open(database.config, system)
    log = await store.log("order")
    head = await log.head()
    events = (await log.read_feed(after=0, limit=10**6, limit_bytes=10**9)).events
    stored = [event.command_id.encode() for event in events]
    await store.aclose()

    assert [event.position for event in events] == list(range(1, head.position + 1))
    assert {id_: stored.count(id_) for id_ in acked} == dict.fromkeys(acked, 2)


async def test_components_are_apart(database: Database, system: System, another: Another) -> None:
    """N60: each has a schema of its own, which the other's login does not reach."""
    store = await another()
    await (await store.log("order")).append(batch("a"))
    admin = database.configured(as_admin=True)
    await PostgresStore.migrate(StoreConfig(url=admin.url, component="cart"))
    url = database.config.url.replace("://", "://angzarr_order@")

    audit = await PostgresStore.audit(StoreConfig(url=admin.url, component="cart"), system)
    assert audit is not None
    domains = list(await audit.read_domains())
    await audit.aclose()

    assert domains == []
    assert await PostgresStore.audit(StoreConfig(url=url, component="cart"), system) is None
