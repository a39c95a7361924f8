"""T1: somebody waits in our place with a directory, link, socket or pipe."""

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from angzarr_bus import BusConfig, BusUnavailableError
from angzarr_bus_ipc import IpcBus
from angzarr_ports import real_system
from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone import read_status, running
from angzarr_standalone._run_directory import RunDirectory
from angzarr_store import RefusedError, StoreConfig
from angzarr_store_sqlite import SqliteStore

from . import stranger


def a_link(path: Path) -> None:
    """Put a link to a directory of ours."""
    (path.parent / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.parent / "elsewhere")


def a_socket(path: Path) -> None:
    """Put a socket."""
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def a_strangers_directory(path: Path) -> None:
    """Put a directory of another user."""
    path.mkdir(mode=0o700)
    stranger.give(path)


def an_open_directory(path: Path) -> None:
    """Put a directory of ours that others may read."""
    path.mkdir()
    path.chmod(0o755)


def a_file(path: Path) -> None:
    """Put a regular file of ours."""
    path.touch(mode=0o600)


Put = Callable[[Path], None]


@pytest.mark.parametrize(
    "put", [a_link, a_socket, os.mkfifo, a_file, a_strangers_directory, an_open_directory]
)
def test_a_run_directory_that_is_not_ours_alone_is_refused(place: Path, put: Put) -> None:
    """Nothing is put into it, and it stays as it was."""
    put(place / "run")
    before = (place / "run").lstat()

    with pytest.raises(SettingsError, match="ANGZARR_RUN_DIR to a private"):
        RunDirectory(place / "run").take()

    assert (place / "run").lstat() == before


@pytest.mark.parametrize("mode", [0o777, 0o700])
def test_a_run_directory_that_others_could_replace_is_refused(place: Path, mode: int) -> None:
    """The directory above is everybody's, or another user's."""
    above = place / "above"
    above.mkdir()
    above.chmod(mode)
    if mode == 0o700:
        stranger.give(above)

    with pytest.raises(SettingsError, match=str(above)):
        RunDirectory(above / "run").take()

    assert list(above.iterdir()) == []


def test_a_status_of_a_stranger_is_not_read(place: Path) -> None:
    """It could name a gateway of theirs."""
    run = place / "angzarr" / "12345678"
    run.mkdir(parents=True)
    (run / "status.json").write_text("{}")
    stranger.give(run)

    assert read_status(run) is None
    assert running({"XDG_RUNTIME_DIR": str(place)}) == []


@pytest.mark.parametrize("put", [a_file, a_link, os.mkfifo, a_socket])
def test_a_pipe_is_a_private_pipe_of_ours(place: Path, put: Put) -> None:
    """Anything else in its place is refused, and not written to."""
    pipe = place / "order.saga.pipe"
    put(pipe)
    if put is os.mkfifo:
        stranger.give(pipe)
    before = pipe.lstat()

    with pytest.raises(BusUnavailableError):
        asyncio.run(subscribed(place))

    assert pipe.lstat() == before


async def subscribed(place: Path) -> None:
    """Subscribe to orders."""
    system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
    bus = await IpcBus.open(BusConfig(url=str(place)), system)
    try:
        await bus.subscribe("order", "saga", limit_frames=4)
    finally:
        await bus.aclose()


def a_readable_file(path: Path) -> None:
    """Put a file that others may read."""
    path.touch()
    path.chmod(0o644)


def a_strangers_file(path: Path) -> None:
    """Put a file of another user."""
    path.touch(mode=0o600)
    stranger.give(path)


def a_link_to_a_file(path: Path) -> None:
    """Put a link to a file of ours."""
    a_file(path.with_suffix(".other"))
    path.symlink_to(path.with_suffix(".other"))


@pytest.mark.parametrize(
    "put", [a_readable_file, a_strangers_file, a_link_to_a_file, os.mkfifo, a_socket]
)
def test_a_database_is_a_private_file_of_ours(place: Path, put: Put) -> None:
    """Anything else in its place is refused, and not written to."""
    file = place / "order.db"
    put(file)
    before = file.lstat()

    with pytest.raises(RefusedError, match=r"order\.db is"):
        asyncio.run(opened(place))

    assert file.lstat() == before


async def opened(place: Path) -> None:
    """Open the database of orders."""
    system = real_system(lambda name, error: pytest.fail(f"{name}: {error}"))
    await SqliteStore.open(StoreConfig(url=str(place), component="order", volatile=True), system)


async def test_a_socket_is_private(serve: Any, place: Path) -> None:
    """Nobody but its owner may connect, from its first moment on."""
    async with serve(f"unix:{place}/s.sock"):
        found = await asyncio.to_thread((place / "s.sock").stat)

    assert f"{found.st_mode & 0o777:o}" == "600"


@pytest.mark.parametrize("put", [a_file, os.mkfifo])
async def test_a_socket_is_not_bound_over_something_else(serve: Any, place: Path, put: Put) -> None:
    """A stale socket is replaced, a file is not."""
    await asyncio.to_thread(a_socket, place / "stale.sock")
    async with serve(f"unix:{place}/stale.sock") as world:
        await world.ask()
    await asyncio.to_thread(put, place / "s.sock")
    before = await asyncio.to_thread((place / "s.sock").lstat)

    with pytest.raises(RefusedError, match="listen is"):
        async with serve(f"unix:{place}/s.sock"):
            pass

    assert await asyncio.to_thread((place / "s.sock").lstat) == before


def test_a_project_is_refused_in_a_place_of_a_stranger(place: Path) -> None:
    """The sentence names the directory and what to set."""
    (place / "run").mkdir()
    stranger.give(place / "run")
    project = ProjectSettings(home=str(place), run_dir="run")

    with pytest.raises(SettingsError) as caught:
        RunDirectory(Path(project.home) / project.run_dir).take()

    assert str(place / "run") in caught.value.what
