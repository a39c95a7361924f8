"""The example shop under `angzarr up`, and what the kernel says of its processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples/python/standalone.yaml"
ANGZARR = Path(sys.executable).with_name("angzarr")
CANARY = "canary-8d1f0c2b7e"
START_SECONDS = 60


class Application:
    """A supervisor with its processes; files in a scratch directory."""

    def __init__(self, directory: Path, text: str, *flags: str) -> None:
        self.directory = directory
        self.home = directory / "home"
        self.run = directory / "run"
        self.home.mkdir()
        self.config = self.home / "angzarr.yaml"
        self.config.write_text(f"{text}\nstore: {{durability: volatile}}\n", encoding="utf-8")
        self.port = free_port()
        self.flags = flags or (f"--gateway=127.0.0.1:{self.port}",)
        self.output = directory / "up.txt"
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return what the supervisor is told beside its file."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.directory),
            "ANGZARR_RUN_DIR": str(self.run),
            "SECRET_OF_THE_SHELL": CANARY,
            "ANGZARR_STREAM__LISTEN": "",
            "ANGZARR_TOPOLOGY__LISTEN": "",
            **({} if "--no-tcp" in self.flags else {"ANGZARR_MONITORING__LISTEN": "127.0.0.1:0"}),
        }

    def start(self) -> None:
        """Start and wait until everything is healthy."""
        with self.output.open("wb") as output:
            self.supervisor = subprocess.Popen(  # noqa: S603 - our own program
                self.argv, env=self.environment, cwd=self.home, stdout=output, stderr=output
            )
        until(lambda: b"Ready in" in self.output.read_bytes(), self.output.read_text)

    @property
    def argv(self) -> list[str]:
        """Return the command line."""
        return [str(ANGZARR), "up", f"--config={self.config}", *self.flags]

    def refused(self, **environment: str) -> tuple[int, str]:
        """Start in vain; return exit code and output."""
        done = subprocess.run(  # noqa: S603 - our own program
            self.argv,
            env={**self.environment, **environment},
            cwd=self.home,
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self.supervisor is not None:
            self.supervisor.send_signal(signal.SIGINT)
            self.supervisor.wait(START_SECONDS)

    def pids(self) -> dict[str, int]:
        """Return the process of every name, without the supervisor."""
        plain = json.loads((self.run / "status.json").read_text(encoding="utf-8"))
        return {it["name"]: it["pid"] for it in plain["processes"]}


@contextmanager
def application(text: str, *flags: str) -> Iterator[Application]:
    """Make an application in a short directory; whatever runs of it is stopped."""
    directory = Path(tempfile.mkdtemp(prefix="ang"))
    made = Application(directory, text, *flags)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(directory, ignore_errors=True)


def one_component() -> str:
    """Return the smallest application: the orders of the shop."""
    program = Path(sys.executable).with_name("angzarr-example-aggregate-order")
    return f"project: shop\ncomponents:\n  order: {{run: [{program}]}}\n"


def until(condition: Callable[[], object], why: Callable[[], str], seconds: float = 60) -> None:
    """Wait for a condition, at most `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds} s:\n{why()}", pytrace=False)
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status_field(pid: int, name: str) -> str:
    """Return a line of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return next(it for it in text.splitlines() if it.startswith(f"{name}:")).split()[1]


def open_files(pid: int) -> set[str]:
    """Return what a process has open."""
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(path.readlink()))
    return found


def listening(pids: list[int]) -> list[str]:
    """Return the TCP addresses, as in the kernel's table, where some processes listen."""
    sockets = set().union(*map(open_files, pids))
    return [
        columns[1]
        for table in ("tcp", "tcp6")
        for columns in map(str.split, Path("/proc/net", table).read_text().splitlines()[1:])
        if columns[3] == "0A" and f"socket:[{columns[9]}]" in sockets
    ]
