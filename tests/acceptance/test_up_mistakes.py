"""angzarr up when it cannot go on: what it says, and that nothing is left behind."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

Project = Callable[..., Any]

ORDER = "order: {kind: aggregate, run: [angzarr-example-aggregate-order]}"

pytestmark = pytest.mark.timeout(300)


def test_a_wrong_setting_is_named(project: Project) -> None:
    """Exit code 2, before anything is started."""
    code, text = project("order: {kind: agregate, run: [x]}").run_in_vain()

    assert code == 2
    assert "agregate" in text


def test_logic_that_ends_is_shown_with_its_last_words(project: Project) -> None:
    """The process, what it printed, and where there is more."""
    program = f"{sys.executable}, -c, 'raise SystemExit(\"no database\")'"
    shop = project(ORDER, f"inventory: {{kind: aggregate, run: [{program}]}}")

    code, text = shop.run_in_vain(f"--gateway={shop.endpoint}")

    assert code == 1
    assert "shop cannot start: inventory" in text
    assert "  no database" in text
    assert text.splitlines()[-1] == "next: angzarr logs inventory"
    assert shop.survivors() == []


def test_a_taken_port_leads_to_another(project: Project) -> None:
    """The flag that takes another port."""
    shop = project(ORDER)
    host, _, port = shop.endpoint.rpartition(":")

    with socket.create_server((host, int(port))):
        code, text = shop.run_in_vain(f"--gateway={shop.endpoint}")

    assert code == 2
    assert f"next: angzarr up --gateway {host}:" in text
    assert shop.survivors() == []


def test_a_supervisor_that_fails_stops_everything(project: Project) -> None:
    """It cannot write its status any more: it ends with an error and leaves no process behind."""
    shop = project(ORDER)
    shop.start()
    gateway = shop.processes()["gateway"]["pid"]
    status = shop.directory / "run/status.json"
    status.unlink()
    (status / "in its place").mkdir(parents=True)

    os.kill(gateway, signal.SIGKILL)

    assert shop.supervisor.wait(240) == 1
    assert shop.survivors() == []


def test_help_names_every_command(project: Project) -> None:
    """Each in its own line."""
    code, text = project(ORDER).run_in_vain("--help")

    assert code == 0
    assert "angzarr up" in text
