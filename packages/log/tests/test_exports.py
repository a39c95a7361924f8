"""A log that is shorter than what was exported, or another, is not served."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr_log import HeadExport, _exports
from angzarr_log._scrubber import Scrubber
from angzarr_ports import System
from angzarr_settings import StoreSettings, load
from angzarr_store import Batch, EventLog, InvariantError, RefusedError, RootKey, StoreConfig
from angzarr_store_memory import MemoryStore

SECRET = b"0123456789abcdef\n"


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    """Return settings with an export, as a process reads them."""
    key = tmp_path / "key"
    key.write_bytes(SECRET)
    key.chmod(0o600)
    return load([f"--store.export={tmp_path}", f"--store.export_key={key}"], {}).store


async def log_of(system: System, *ids: str) -> EventLog:
    """Return a log with one event per id."""
    store = await MemoryStore.open(StoreConfig(url="", component="order"), system)
    log = await store.log("order")
    for id_ in ids:
        await append(log, id_)
    return log


async def append(log: EventLog, id_: str) -> None:
    """Append the only event of a root."""
    key = RootKey(edition="angzarr", root=id_.encode().ljust(16, b"."))
    await log.append(
        Batch(
            command_id=id_,
            key=key,
            type_url="x",
            base=0,
            correlation_id="",
            created_at="2026-01-01T00:00:00Z",
            pages=(b"\x08\x00",),
        )
    )


async def exported(settings: StoreSettings, log: EventLog, system: System) -> HeadExport:
    """Export the head of a log once."""
    export = HeadExport(settings, log, system)
    await export.check()
    running = system.tasks.start("export", export.run())
    head = await log.head()
    async with asyncio.timeout(10):
        while not [it for it in await export.heads(0, 99) if it.position == head.position]:
            await system.clock.sleep(1)
    running.cancel()
    return export


async def test_a_log_that_grew_is_served(settings: StoreSettings, system: System) -> None:
    """Each head is a line, an idle log adds none, and the next start goes on behind it."""
    log = await log_of(system, "a", "b")
    await exported(settings, log, system)
    await append(log, "c")
    await exported(settings, log, system)
    again = HeadExport(settings, log, system)
    await again.check()

    assert [it.position for it in await again.heads(0, 99)] == [2, 3]


async def test_many_events_do_not_wait_for_the_minute(
    settings: StoreSettings, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one line the next is due in a minute, or when there are enough events."""
    monkeypatch.setattr(_exports, "EXPORT_EVENTS", 2)
    log = await log_of(system, "a")
    export = HeadExport(settings, log, system)
    await export.check()
    running = system.tasks.start("export", export.run())
    async with asyncio.timeout(10):
        while not await export.heads(0, 99):
            await system.clock.sleep(1)
        for id_ in ("b", "c"):
            await append(log, id_)
        while len(await export.heads(0, 99)) == 1:
            await system.clock.sleep(1)
    running.cancel()

    assert [it.position for it in await export.heads(0, 99)] == [1, 3]


@pytest.mark.parametrize("ids", [("a",), ("a", "x"), ("a", "x", "y")])
async def test_another_log_is_refused(
    settings: StoreSettings, system: System, ids: tuple[str, ...]
) -> None:
    """A shorter one, and one that differs at the position exported last."""
    await exported(settings, await log_of(system, "a", "b"), system)

    with pytest.raises(RefusedError, match=r"store\.export is at position 2"):
        await HeadExport(settings, await log_of(system, *ids), system).check()


def forge(path: Path) -> None:
    """Say another position."""
    path.write_bytes(path.read_bytes().replace(b"order 2", b"order 1"))


def cut(path: Path) -> None:
    """Take the signature away."""
    path.write_bytes(path.read_bytes()[:20] + b"\n")


@pytest.mark.parametrize("change", [forge, cut])
async def test_a_line_that_is_not_signed_is_refused(
    settings: StoreSettings, system: System, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """Who can write the file but has no key cannot make up a head."""
    log = await log_of(system, "a", "b")
    await exported(settings, log, system)
    await asyncio.to_thread(change, tmp_path / "order.heads")

    with pytest.raises(RefusedError, match="not signed"):
        await HeadExport(settings, log, system).check()


async def test_a_torn_line_is_written_again(
    settings: StoreSettings, system: System, tmp_path: Path
) -> None:
    """A death while a line was written leaves a file that still can be used."""
    log = await log_of(system, "a")
    await exported(settings, log, system)
    await append(log, "b")
    with (tmp_path / "order.heads").open("ab") as file:
        await asyncio.to_thread(file.write, b"order 2 00")
        await asyncio.to_thread(file.flush)
    export = await exported(settings, log, system)

    assert [it.position for it in await export.heads(0, 99)] == [1, 2]


@pytest.mark.parametrize(("secret", "mode"), [(SECRET, 0o644), (b"short", 0o600)])
async def test_a_key_that_is_none_is_refused(
    settings: StoreSettings, system: System, secret: bytes, mode: int
) -> None:
    """Others may not read it, and it cannot be guessed."""
    key = Path(settings.export_key)
    await asyncio.to_thread(key.write_bytes, secret)
    await asyncio.to_thread(key.chmod, mode)

    with pytest.raises(RefusedError, match="chmod 600"):
        await HeadExport(settings, await log_of(system), system).check()


async def test_the_scrubber_compares_every_export(settings: StoreSettings, system: System) -> None:
    """A log that verifies, but is not the one exported, ends the process."""
    export = await exported(settings, await log_of(system, "a", "b"), system)
    other = await log_of(system, "a", "x", "y")

    with pytest.raises(InvariantError, match="not the exported one"):
        await Scrubber(other, export, system).run()
