"""Planted damage is found, with its position; what is sound is verified and not changed."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from angzarr_doctor import Level, verify_stores
from angzarr_ports import System
from angzarr_settings import ProjectSettings, StoreSettings
from angzarr_store import StoreConfig
from angzarr_store_sqlite import SqliteStore

SWAP = (
    "UPDATE events SET position = 99 WHERE position = 2",
    "UPDATE events SET position = 2 WHERE position = 3",
    "UPDATE events SET position = 3 WHERE position = 99",
)
ROLLBACK = (
    "DELETE FROM events WHERE position = 4",
    "UPDATE head SET position = 3, chain = (SELECT chain FROM events WHERE position = 3)",
)


async def texts(project: ProjectSettings, system: System, after: int = 0) -> dict[str, Level]:
    """Return what verifying tells."""
    findings = verify_stores(project, system, after=after)
    return {finding.text: finding.level async for finding in findings}


async def test_a_sound_store_is_verified(
    project: ProjectSettings, system: System, stored: Path
) -> None:
    """Every event, command and checkpoint; the databases stay as they were."""
    files = [stored / "order.db", stored / "saga.db"]
    before = [await asyncio.to_thread(digest, file) for file in files]

    found = await texts(project, system)

    assert found == {
        "log of order: 4 events and 4 commands verified to position 4": Level.OK,
        "checkpoint of saga at position 4 of order agrees with the log": Level.OK,
    }
    assert [await asyncio.to_thread(digest, file) for file in files] == before


def digest(file: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def test_a_store_is_verified_while_its_owner_runs(
    project: ProjectSettings, system: System, stored: Path
) -> None:
    """The owner holds its lock and appends; the auditor reads beside it."""
    config = StoreConfig(url=str(stored), component="order", volatile=True)
    owner = await SqliteStore.open(config, system)

    found = await texts(project, system)

    await owner.aclose()
    assert set(found.values()) == {Level.OK}


async def test_the_beginning_can_be_trusted(
    project: ProjectSettings, system: System, stored: Path, tampered: Any
) -> None:
    """Behind --from everything is verified, before it nothing; a shorter log is a warning."""
    change = "UPDATE events SET page = x'00' WHERE position = 1"
    await asyncio.to_thread(tampered, stored, "order", change)

    behind = await texts(project, system, after=2)
    beyond = await texts(project, system, after=9)

    assert "log of order: 2 events and 2 commands verified to position 4" in behind
    assert beyond["log of order ends at 4: nothing of it is verified"] is Level.WARNING


@pytest.mark.parametrize(
    ("component", "statements", "text"),
    [
        (
            "order",
            ("UPDATE events SET page = x'08ffa00602' WHERE position = 2",),
            "log of order: position 2 is not what was stored: its digest differs",
        ),
        (
            "order",
            ("DELETE FROM events WHERE position = 2",),
            "log of order: position 2 is missing: 3 follows",
        ),
        ("order", SWAP, "log of order: position 2 is not what was stored: its digest differs"),
        (
            "order",
            ("DELETE FROM events WHERE position = 4",),
            "log of order: position 4 is missing: the head is 4",
        ),
        (
            "order",
            ("UPDATE events SET chain = zeroblob(32) WHERE position = 3",),
            "log of order: position 3 does not follow 2: the chain differs",
        ),
        (
            "order",
            ("UPDATE head SET chain = zeroblob(32)",),
            "log of order: the chain of the head differs at position 4",
        ),
        (
            "order",
            ("DELETE FROM commands WHERE command_id = 'c1'",),
            "log of order: 4 events, but the commands name 3",
        ),
        (
            "order",
            ("UPDATE commands SET first_sequence = 7 WHERE command_id = 'c1'",),
            "log of order: command c1 does not name its events",
        ),
        (
            "order",
            ROLLBACK,
            "checkpoint of saga at position 4 of order: the log ends at 3",
        ),
        (
            "saga",
            ("UPDATE subscriptions SET chain = zeroblob(32)",),
            "checkpoint of saga at position 4 of order: the log is another one",
        ),
    ],
)
async def test_planted_damage_is_found(  # noqa: PLR0913, PLR0917 - three fixtures and a table of three columns
    project: ProjectSettings,
    system: System,
    stored: Path,
    tampered: Any,
    component: str,
    statements: tuple[str, ...],
    text: str,
) -> None:
    """A flipped byte, a missing row, another order, a cut tail, a wrong link, wrong commands."""
    await asyncio.to_thread(tampered, stored, component, *statements)

    found = await texts(project, system)

    assert found[text] is Level.FAILURE


async def test_what_cannot_be_verified_is_said(
    project: ProjectSettings, system: System, stored: Path
) -> None:
    """A checkpoint without its log, a file that is no database, a store in memory or unknown."""
    memory = replace(project, store=StoreSettings(kind="memory"))
    unknown = replace(project, store=StoreSettings(kind="tape"))
    in_memory = await texts(memory, system)
    without = await texts(unknown, system)
    await asyncio.to_thread((stored / "order.db").unlink)
    alone = await texts(project, system)
    await asyncio.to_thread((stored / "order.db").write_bytes, b"x" * 8192)
    broken = await texts(project, system)

    where = "checkpoint of saga at position 4 of order"
    assert set(in_memory.values()) == {Level.WARNING}
    assert set(without.values()) == {Level.FAILURE}
    assert alone == {f"{where} is not verified: nobody here owns the log": Level.WARNING}
    assert any(it.startswith("store of order: order.db cannot be read") for it in broken)
