"""The log is verified from end to end, again and again; damage ends the process."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from angzarr_log._scrubber import Scrubber
from angzarr_ports import System, SystemClock
from angzarr_store import Batch, EventLog, InvariantError, RootKey, StoreConfig
from angzarr_store_sqlite import SqliteStore

EVENTS = 500
SWAP = (
    "UPDATE events SET position = 9999 WHERE position = 250",
    "UPDATE events SET position = 250 WHERE position = 251",
    "UPDATE events SET position = 251 WHERE position = 9999",
)


@pytest.fixture
async def log(tmp_path: Path, system: System) -> AsyncIterator[EventLog]:
    """Return a log of many events, one append each."""
    config = StoreConfig(url=str(tmp_path), component="order", volatile=True)
    store = await SqliteStore.open(config, system)
    log = await store.log("order")
    async with asyncio.TaskGroup() as group:
        for number in range(EVENTS):
            group.create_task(log.append(batch(number)))
    yield log
    await store.aclose()


def batch(number: int) -> Batch:
    """Return the only event of a root."""
    return Batch(
        command_id=f"c{number}",
        key=RootKey(edition="angzarr", root=number.to_bytes(16, "big")),
        type_url="x",
        base=0,
        correlation_id="c",
        created_at="2026-01-01T00:00:00Z",
        pages=(b"\x08\x00",),
    )


def tamper(directory: Path, *statements: str) -> None:
    """Change the stored events although they refuse it."""
    connection = sqlite3.connect(directory / "order.db", isolation_level=None)
    for verb in ("update", "delete"):
        connection.execute(f"DROP TRIGGER events_refuse_{verb}")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def metric(system: System, name: str, *labels: str) -> object:
    """Return a number, None before there is one."""
    found = {it.metric.name: it.series for it in system.metrics.collect()}
    return found.get(f"angzarr_{name}", {}).get(labels)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():
            await SystemClock().sleep(0.01)


async def test_a_sound_log_is_verified_to_its_head(log: EventLog, system: System) -> None:
    """The position and the time of it are told; what is appended later is verified as well."""
    scrubbing = system.tasks.start("scrubber", Scrubber(log, None, system).run())
    await until(lambda: metric(system, "verified_position", "order") == EVENTS)
    await until(lambda: bool(metric(system, "verified_timestamp_seconds", "order")))
    await log.append(batch(EVENTS))
    await until(lambda: metric(system, "verified_position", "order") == EVENTS + 1)
    scrubbing.cancel()

    assert metric(system, "chain_mismatch_total", "order", "order") == 0


@pytest.mark.parametrize(
    ("statements", "text"),
    [
        (("UPDATE events SET page = x'0801' WHERE position = 250",), "position 250 is not what"),
        (("DELETE FROM events WHERE position = 250",), "position 250 is missing"),
        (SWAP, "position 250 is not what"),
        (("DELETE FROM events WHERE position = 500",), f"at position {EVENTS}"),
        (("UPDATE head SET chain = zeroblob(32)",), f"head differs at position {EVENTS}"),
    ],
)
async def test_planted_damage_ends_the_process(
    log: EventLog, system: System, tmp_path: Path, statements: tuple[str, ...], text: str
) -> None:
    """A flipped byte, a missing row, another order, a cut tail, a wrong head: each is counted."""
    await asyncio.to_thread(tamper, tmp_path, *statements)

    with pytest.raises(InvariantError, match=text):
        async with asyncio.timeout(10):
            await Scrubber(log, None, system).run()

    assert metric(system, "chain_mismatch_total", "order", "order") == 1
