"""What can happen to a pipe loses frames, never more."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from angzarr_bus import BusConfig, BusUnavailableError, Frame
from angzarr_bus_conformance import delivered, frame
from angzarr_bus_ipc import IpcBus
from angzarr_ports import System

WRITER = """
import os, sys
from angzarr_bus_conformance import frame
from angzarr_bus_ipc._record import encode_record
pipe = os.open(sys.argv[1], os.O_WRONLY)
while True:
    os.write(pipe, encode_record(frame(5, size_bytes=900)))
"""


async def test_a_deleted_pipe_comes_back(tmp_path: Path, system: System) -> None:
    """After the file is deleted the subscriber is told to read the feed, and frames arrive."""
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=1024)
    await delivered(bus, inbox, frame(1))
    await asyncio.to_thread((tmp_path / "order.saga.pipe").unlink)
    received: Frame | None = frame(1)
    async with asyncio.timeout(10):
        while received is not None:
            received = await inbox.receive()

    found = await delivered(bus, inbox, frame(2))

    assert found == frame(2)
    await bus.aclose()


@pytest.mark.parametrize("kind", ["file", "link", "open"])
async def test_nothing_else_is_taken_for_a_pipe(tmp_path: Path, system: System, kind: str) -> None:
    """A regular file, a symbolic link or a pipe that others may use is refused."""
    path = tmp_path / "order.saga.pipe"
    make = {
        "file": path.touch,
        "link": lambda: path.symlink_to("/dev/null"),
        "open": lambda: (os.mkfifo(path), path.chmod(0o666)),
    }
    await asyncio.to_thread(make[kind])
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)

    with pytest.raises(BusUnavailableError):
        await bus.subscribe("order", "saga", limit_frames=4)

    await bus.aclose()


async def test_a_pipe_has_one_reader(tmp_path: Path, system: System) -> None:
    """A second subscriber of the same name is refused while the first lives."""
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    await bus.subscribe("order", "saga", limit_frames=4)

    with pytest.raises(BusUnavailableError):
        await bus.subscribe("order", "saga", limit_frames=4)

    await bus.aclose()


async def test_a_shared_directory_is_refused(tmp_path: Path, system: System) -> None:
    """The directory keeps other users out, so its mode must be 0700."""
    await asyncio.to_thread(tmp_path.chmod, 0o755)

    with pytest.raises(BusUnavailableError):
        await IpcBus.open(BusConfig(url=str(tmp_path)), system)


async def test_a_killed_writer_leaves_whole_frames(tmp_path: Path, system: System) -> None:
    """After SIGKILL of a writing process every received frame is intact and others follow."""
    bus = await IpcBus.open(BusConfig(url=str(tmp_path)), system)
    inbox = await bus.subscribe("order", "saga", limit_frames=100_000)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "order.saga.pipe")]
    writer = await asyncio.to_thread(subprocess.Popen, command)
    async with asyncio.timeout(20):
        received = [await inbox.receive() for _ in range(2000)]
    writer.send_signal(signal.SIGKILL)
    await asyncio.to_thread(writer.wait)

    assert {one for one in received if one} == {frame(5, size_bytes=900)}
    found: Frame | None = frame(5)
    async with asyncio.timeout(10):
        while found != frame(6):
            found = await delivered(bus, inbox, frame(6))
    await bus.aclose()
