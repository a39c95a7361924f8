"""The private directory of a run, and who listens where."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone import PortTakenError, read_status, run_directory_of, running
from angzarr_standalone._listener import check_listener
from angzarr_standalone._run_directory import RunDirectory
from angzarr_standalone._status import ComponentStatus, InterestStatus, ProcessStatus, State, Status


def status(pid: int) -> Status:
    """Return a status with one of everything."""
    process = ProcessStatus(
        name="order", role="logic", component="order", state=State.RUNNING, pid=7, restarts=1
    )
    inputs = (InterestStatus(domain="order", types=("A",)),)
    component = ComponentStatus(name="s", kind="saga", domain="", inputs=inputs, outputs=())
    return Status(
        project="shop",
        pid=pid,
        gateway="g",
        monitoring="127.0.0.1:9085",
        topology="127.0.0.1:9099",
        store="s",
        logs="l",
        processes=(process,),
        components=(component,),
    )


def test_the_directory_is_private_and_clean(tmp_path: Path) -> None:
    """Mode 0700; what a killed run left behind is gone."""
    path = tmp_path / "run"
    path.mkdir(mode=0o700)
    for name in ("a.sock", "b.pipe", "status.json"):
        (path / name).touch()
    directory = RunDirectory(path)

    directory.take()

    assert path.stat().st_mode & 0o777 == 0o700
    assert [it.name for it in path.iterdir()] == ["lock"]
    directory.release()
    assert not path.exists()


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    """Only a directory of this user will do."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SettingsError, match="is not a directory of this user"):
        RunDirectory(tmp_path / "run").take()


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Another process sees what the supervisor knows."""
    status(1).write(tmp_path)

    assert read_status(tmp_path) == status(1)
    assert read_status(tmp_path / "nowhere") is None


def test_only_living_projects_are_running(tmp_path: Path) -> None:
    """The status file of a killed supervisor is not believed."""
    for name, pid in (("alive", os.getpid()), ("dead", 2**22 - 1)):
        (tmp_path / "angzarr").mkdir(exist_ok=True)
        (tmp_path / "angzarr" / name).mkdir(mode=0o700)
        status(pid).write(tmp_path / "angzarr" / name)

    assert running({"XDG_RUNTIME_DIR": str(tmp_path)}) == [status(os.getpid())]


def test_the_default_place_belongs_to_user_and_project(
    project: Callable[..., ProjectSettings], tmp_path: Path
) -> None:
    """run_dir, else below XDG_RUNTIME_DIR, else in the temporary directory."""
    made = project("order")
    bare = ProjectSettings(home="/shop")

    assert run_directory_of(made, {}) == Path(made.home) / "run"
    below = run_directory_of(bare, {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert below.parent == tmp_path / "angzarr"
    temporary = run_directory_of(bare, {"TMPDIR": "/t"})
    assert temporary == Path(f"/t/angzarr-{os.getuid()}") / below.name


def test_a_taken_port_names_its_process() -> None:
    """The number of the process and its program."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortTakenError, match=rf"port {port} is used by process {os.getpid()}"):
            check_listener("gateway.listen", f"127.0.0.1:{port}")

    check_listener("gateway.listen", f"127.0.0.1:{port}")
    check_listener("gateway.listen", "unix:/somewhere")
