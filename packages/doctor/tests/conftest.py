"""An application with a log of four events and a saga that has read them."""

import sqlite3
from pathlib import Path

import pytest

from angzarr_ports import System
from angzarr_settings import (
    GatewaySettings,
    MemberSettings,
    MonitoringSettings,
    ProjectSettings,
    StoreSettings,
    StreamSettings,
    TopologySettings,
)
from angzarr_store import Advance, Batch, RootKey, StoreConfig
from angzarr_store_sqlite import SqliteStore


@pytest.fixture
def project(tmp_path: Path) -> ProjectSettings:
    """Return the application; its stores are in the test's directory."""
    elsewhere = MemberSettings(address="unix:/nowhere.sock")
    return ProjectSettings(
        home=str(tmp_path),
        run_dir="run",
        store=StoreSettings(url=str(tmp_path / "store"), durability="volatile"),
        gateway=GatewaySettings(listen=""),
        monitoring=MonitoringSettings(),
        stream=StreamSettings(listen=""),
        topology=TopologySettings(listen=""),
        components={"order": elsewhere, "saga": elsewhere},
    )


def batch(number: int, root: int, base: int) -> Batch:
    """Return one event of one root."""
    return Batch(
        command_id=f"c{number}",
        key=RootKey(edition="angzarr", root=bytes([root]) * 16),
        type_url="x",
        base=base,
        correlation_id="c",
        created_at="2026-01-01T00:00:00Z",
        pages=(b"\x08%c" % base,),
    )


@pytest.fixture
async def stored(project: ProjectSettings, system: System) -> Path:
    """Store four events of two roots and the saga's checkpoint; return the directory."""
    url = project.store.url
    store = await SqliteStore.open(StoreConfig(url=url, component="order", volatile=True), system)
    log = await store.log("order")
    for number, (root, base) in enumerate([(1, 0), (2, 0), (1, 1), (2, 1)]):
        await log.append(batch(number, root, base))
    chain = (await log.head()).chain
    await store.aclose()
    saga = await SqliteStore.open(StoreConfig(url=url, component="saga", volatile=True), system)
    lease = await saga.ledger.acquire("saga", "order")
    await saga.ledger.commit(lease, [Advance(old=0, new=4, chain=chain)])
    await saga.ledger.acquire("saga~versions", "_versions")  # no log, and nobody misses one
    await saga.aclose()
    return Path(url)


def tamper(directory: Path, component: str, *statements: str) -> None:
    """Change a database behind the back of its owner."""
    connection = sqlite3.connect(directory / f"{component}.db", isolation_level=None)
    triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    for statement in (*(f"DROP TRIGGER {name}" for (name,) in triggers.fetchall()), *statements):
        connection.execute(statement)
    connection.close()


@pytest.fixture
def tampered() -> object:
    """Return what changes a database."""
    return tamper
