"""Whatever becomes of a connection, every command has one result, and nobody hears a false one."""

import asyncio
import os
import signal
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from angzarr_ports import Faults, System, real_system
from angzarr_store import (
    Appended,
    InvariantError,
    RefusedError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from angzarr_store_conformance import batch
from angzarr_store_postgres import PostgresStore, _writer

from .conftest import Database, answers

CHAIN = b"c" * 32
UNASKED = """INSERT INTO events SELECT domain, 2, edition, sha256(root), 0, command_id,
    correlation_id, created_at, digest, chain, page FROM events"""


class Killer(Faults):
    """Lets the server end the writing backend at one point, once."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.store: Any = None

    @override
    def at(self, point: str) -> None:
        if self.store is not None and point == self.point:
            pid = self.store._writer._connection.get_server_pid()  # noqa: SLF001
            self.store = None
            os.kill(pid, signal.SIGTERM)  # what pg_terminate_backend does


@pytest.mark.parametrize("point", ["K6", "K7", "K8", "K9", "K10"])
async def test_a_backend_that_dies_anywhere_changes_no_result(
    database: Database, system: System, point: str
) -> None:
    """All members of its group are stored once, and answered."""
    killer = Killer(point)
    store = await PostgresStore.open(database.config, replace(system, faults=killer))
    log = await store.log("order")
    await log.append(batch("first"))
    killer.store = store

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(log.append(batch(f"c{it}", root=it + 2))) for it in range(5)]
    answers = [task.result() for task in tasks]
    after = await log.append(batch("last", base=1))
    feed = await log.read_feed(after=0, limit=99, limit_bytes=10**6)
    await store.aclose()

    assert killer.store is None
    assert sorted(it.row.first_position for it in answers) == [2, 3, 4, 5, 6]
    assert after.row.first_position == 7
    ids = [event.command_id for event in feed.events]
    assert sorted(ids) == sorted(["first", "c0", "c1", "c2", "c3", "c4", "last"])


async def test_without_a_server_nothing_is_promised(
    own: Database, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the budget callers hear it, later ones at once; it goes on by itself."""
    monkeypatch.setattr(_writer, "RERUN_SECONDS", 0.2)
    store = await PostgresStore.open(own.config, system)
    log = await store.log("order")
    await log.append(batch("a"))
    await asyncio.to_thread(own.server.stop, "immediate")

    with pytest.raises(StoreUnavailableError, match="does not answer"):
        await log.append(batch("b", base=1))
    for refused in (store.probe(), log.head(), log.append(batch("c", base=1))):
        with pytest.raises(StoreUnavailableError):
            await refused
    await asyncio.to_thread(own.server.start)
    async with asyncio.timeout(20):
        while not await answers(store):
            await system.clock.sleep(0.05)
    appended = await log.append(batch("b", base=1))
    await store.aclose()

    assert (appended.row.first_position, appended.repeated) == (2, False)


async def test_a_server_that_crashes_under_load_loses_nothing(
    own: Database, system: System
) -> None:
    """Every answer before, during and after its recovery is true."""
    store = await PostgresStore.open(own.config, system)
    log = await store.log("order")
    acked: list[Appended] = []

    async def client(root: int) -> None:
        for base in range(40):
            answer = await log.append(batch(f"{root}-{base}", root=root, base=base))
            acked.append(answer)

    async with asyncio.TaskGroup() as group:
        for root in range(8):
            group.create_task(client(root))
        for _ in range(2):
            await asyncio.to_thread(own.server.stop, "immediate")
            await asyncio.to_thread(own.server.start)
    feed = await log.read_feed(after=0, limit=10**6, limit_bytes=10**9)
    await store.aclose()

    stored = {event.position: event.command_id for event in feed.events}
    assert stored == {it.row.first_position: it.row.command_id for it in acked}
    assert len(acked) == len(stored) == 320


async def test_a_log_that_was_rolled_back_stops_its_writer(own: Database) -> None:
    """An acknowledged event that is not there after a reconnect is not written over."""
    store = await PostgresStore.open(own.config, real_system(lambda *_: None))
    log = await store.log("order")
    died = asyncio.get_running_loop().create_future()
    store._writer._task.add_done_callback(died.set_result)  # noqa: SLF001
    await log.append(batch("a"))
    await own.execute("DELETE FROM events", "UPDATE head SET position = 0")
    await own.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%'"
        " AND pid <> pg_backend_pid() AND usename = 'angzarr_order'"
    )

    with pytest.raises(UnknownOutcomeError):
        await log.append(batch("b", base=1))
    async with asyncio.timeout(5):
        task = await died

    assert isinstance(task.exception(), InvariantError)
    assert "position 1 of order" in str(task.exception())
    await store.aclose()


@pytest.mark.parametrize(
    ("statement", "ours"),
    [(UNASKED, InvariantError), ("REVOKE INSERT ON events FROM angzarr_order", RefusedError)],
    ids=["unasked", "revoked"],
)
async def test_what_cannot_happen_stops_the_writer(
    database: Database, statement: str, ours: type[Exception]
) -> None:
    """A second writer, or rights that were taken away; whoever waits is told nothing false."""
    store = await PostgresStore.open(database.config, real_system(lambda *_: None))
    log = await store.log("order")
    died = asyncio.get_running_loop().create_future()
    store._writer._task.add_done_callback(died.set_result)  # noqa: SLF001
    await log.append(batch("a"))
    await database.execute(statement)

    with pytest.raises(UnknownOutcomeError):
        await log.append(batch("b", base=1))
    async with asyncio.timeout(5):
        task = await died

    assert isinstance(task.exception(), ours)
    await store.aclose()


async def test_a_full_disk_refuses_until_there_is_space(database: Database, system: System) -> None:
    """Appends are refused, reads go on, and nothing has to be restarted."""
    store = await PostgresStore.open(database.config, system)
    log = await store.log("order")
    await log.append(batch("a"))
    await database.execute(
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$",
        "CREATE TRIGGER fill BEFORE INSERT ON events EXECUTE FUNCTION fill()",
    )

    with pytest.raises(StoreFullError):
        await log.append(batch("b", base=1))
    position = (await log.head()).position
    await database.execute("DROP TRIGGER fill ON events")
    async with asyncio.timeout(20):
        while not await answers(store):
            await system.clock.sleep(0.05)
    appended = await log.append(batch("b", base=1))
    await store.aclose()

    assert (position, appended.row.first_position) == (1, 2)
