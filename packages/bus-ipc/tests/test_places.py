"""The directory of the pipes and what else lies in it."""

import asyncio
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from angzarr_bus import BusConfig, BusUnavailableError, Frame, Inbox
from angzarr_bus_conformance import delivered, frame
from angzarr_bus_ipc import IpcBus
from angzarr_bus_ipc._inbox import WATCH_SECONDS
from angzarr_ports import System, SystemClock


class CountingClock(SystemClock):
    """The clock of the system, which counts how often it was slept by."""

    def __init__(self) -> None:
        self.slept: Counter[float] = Counter()

    @override
    async def sleep(self, seconds: float) -> None:
        self.slept[seconds] += 1
        await super().sleep(seconds)

    async def until_slept(self, seconds: float, times: int) -> None:
        """Return when so many more sleeps of this length have begun."""
        wanted = self.slept[seconds] + times
        async with asyncio.timeout(10):
            while self.slept[seconds] < wanted:
                await asyncio.to_thread(os.sched_yield)


async def until_behind(inbox: Inbox) -> None:
    """Receive until the inbox says that the feed must be read."""
    received: Frame | None = frame(1)
    async with asyncio.timeout(10):
        while received is not None:
            received = await inbox.receive()


async def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path, system: System) -> None:
    """The error names the directory; here a file is in its way."""
    await asyncio.to_thread((tmp_path / "file").touch)

    with pytest.raises(BusUnavailableError, match=str(tmp_path / "file" / "bus")):
        await IpcBus.open(BusConfig(url=str(tmp_path / "file" / "bus")), system)


async def test_a_pipe_that_cannot_be_made_is_refused(tmp_path: Path, system: System) -> None:
    """When the directory is no more, subscribing says so instead of waiting for frames."""
    directory, file = tmp_path / "bus", tmp_path / "file"
    await asyncio.to_thread((tmp_path / "real").mkdir, mode=0o700)
    await asyncio.to_thread(directory.symlink_to, "real")
    bus = await IpcBus.open(BusConfig(url=str(directory)), system)
    await asyncio.to_thread(lambda: (file.touch(), file.replace(directory)))

    with pytest.raises(BusUnavailableError, match=r"order\.saga\.pipe"):
        await bus.subscribe("order", "saga", limit_frames=4)

    await bus.aclose()


async def test_a_deleted_directory_comes_back(tmp_path: Path, system: System) -> None:
    """Losing the whole bus loses frames and ends nobody; later frames arrive."""
    directory = tmp_path / "bus"
    bus = await IpcBus.open(BusConfig(url=str(directory)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=1024)
    await delivered(bus, inbox, frame(1))
    await asyncio.to_thread(shutil.rmtree, directory)
    await until_behind(inbox)

    found = await delivered(bus, inbox, frame(2))

    assert found == frame(2)
    await bus.aclose()


async def test_a_pipe_without_a_reader_is_passed_over(tmp_path: Path, system: System) -> None:
    """A killed subscriber leaves its pipe behind; the others get their frames."""
    await asyncio.to_thread(os.mkfifo, tmp_path / "order.killed.pipe", 0o600)
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=16)

    found = await delivered(bus, inbox, frame(1))

    assert found == frame(1)
    await bus.aclose()


async def test_a_full_pipe_loses_frames_and_holds_up_nobody(tmp_path: Path, system: System) -> None:
    """Publishing more than a pipe holds raises nothing, and whatever arrives is whole."""
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=10_000)
    await delivered(bus, inbox, frame(1))
    for position in range(2, 1000):
        bus.publish(frame(position, size_bytes=900))
    found: list[Frame] = []
    while frame(1000) not in found:
        found.append(await delivered(bus, inbox, frame(1000)))

    positions = [one.position for one in found if len(one.pages[0]) == 900]
    assert 1 < len(positions) < 998
    assert positions == list(range(2, 2 + len(positions)))
    await bus.aclose()


async def test_pipes_that_stay_are_kept(tmp_path: Path, system: System) -> None:
    """Reader and writer look again and again, and a frame goes to its own domain's pipe."""
    clock = CountingClock()
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), replace(system, clock=clock))
    order = await bus.subscribe("order", "saga", limit_frames=1024)
    line = await bus.subscribe("order-line", "saga", limit_frames=1024)
    await delivered(bus, line, frame(1, domain="order-line"))
    await clock.until_slept(WATCH_SECONDS, 4)

    found = await delivered(bus, order, frame(2))
    other = await delivered(bus, line, frame(3, domain="order-line"))

    assert (found.domain, found.position) == ("order", 2)
    assert other.domain == "order-line"
    await bus.aclose()


async def test_a_pipe_waits_until_its_place_is_free(tmp_path: Path, system: System) -> None:
    """While a file is where the pipe was the subscriber lives on; then frames arrive again."""
    clock = CountingClock()
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), replace(system, clock=clock))
    inbox = await bus.subscribe("order", "saga", limit_frames=1024)
    path = tmp_path / "order.saga.pipe"
    await delivered(bus, inbox, frame(1))
    await asyncio.to_thread(lambda: (path.unlink(), path.touch()))
    await clock.until_slept(WATCH_SECONDS, 2)
    await asyncio.to_thread(path.unlink)
    await until_behind(inbox)

    found = await delivered(bus, inbox, frame(2))

    assert found == frame(2)
    await bus.aclose()


async def test_a_foreign_reader_takes_frames_and_breaks_nothing(
    tmp_path: Path, system: System
) -> None:
    """Whoever looks into the pipe empties it, perhaps just before its reader wakes up."""
    path, stolen = tmp_path / "order.saga.pipe", bytearray()
    loop = asyncio.get_running_loop()

    def steal(descriptor: int) -> None:
        try:
            stolen.extend(os.read(descriptor, 65536))
        except BlockingIOError:
            return

    def look() -> int:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        loop.add_reader(descriptor, steal, descriptor)
        return descriptor

    await asyncio.to_thread(os.mkfifo, path, 0o600)
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    earlier = look()
    inbox = await bus.subscribe("order", "saga", limit_frames=1024)
    later = look()
    async with asyncio.timeout(10):
        while not stolen:
            bus.publish(frame(1))
            await asyncio.to_thread(os.sched_yield)
    for descriptor in (earlier, later):
        loop.remove_reader(descriptor)
        os.close(descriptor)

    found = await delivered(bus, inbox, frame(2))

    assert found in {frame(1), frame(2)}
    await bus.aclose()


async def test_a_closed_inbox_is_closed_once(tmp_path: Path, system: System) -> None:
    """Its descriptor may belong to another file when the bus ends; that one stays open."""
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=4)
    await inbox.aclose()
    others = [os.open(tmp_path, os.O_RDONLY) for _ in range(16)]

    await bus.aclose()

    assert all(os.fstat(descriptor) for descriptor in others)
    for descriptor in others:
        os.close(descriptor)
