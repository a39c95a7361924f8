"""A shop of our own: its supervisor, its processes, its files."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from .backing import Backing
from .gateway import System

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples/python/standalone.yaml"
ANGZARR = Path(sys.executable).with_name("angzarr")


class Shop(System):
    """The example shop under a supervisor of our own, with its files in a scratch directory."""

    program = str(ANGZARR)
    backing: ClassVar[Backing] = Backing()

    def __init__(self, directory: Path, file: Path = SHOP) -> None:
        self.directory = directory
        self.home = directory / "home"
        self.home.mkdir()
        self.port = free_port()
        super().__init__(f"127.0.0.1:{self.port}")
        text = file.read_text(encoding="utf-8")
        config = self.home / "angzarr.yaml"
        config.write_text(f"{text}\nstore: {{durability: volatile}}\n", encoding="utf-8")
        self.config = config
        self.told: dict[str, str] = {}
        self.output = directory / "up.txt"
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return what the supervisor is told beside its file."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.directory),
            "ANGZARR_RUN_DIR": str(self.directory / "run"),
            "ANGZARR_MONITORING__LISTEN": "127.0.0.1:0",
            "ANGZARR_STREAM__LISTEN": "",
            "ANGZARR_TOPOLOGY__LISTEN": "",
            **self.told,
        }

    def start(self) -> None:
        """Start the supervisor and wait until everything is healthy."""
        if not self.told:
            self.told.update(self.backing.begin(self))
        with self.output.open("wb") as output:
            self.supervisor = subprocess.Popen(  # noqa: S603 - our own program
                [ANGZARR, "up", f"--config={self.config}", f"--gateway={self.endpoint}"],
                env=self.environment,
                cwd=self.directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.until(lambda: b"Ready in" in self.output.read_bytes())

    def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait for a condition, at most `seconds`."""
        end = time.monotonic() + seconds
        while not condition():
            supervisor = self.supervisor
            if supervisor is not None and supervisor.poll() is not None:
                pytest.fail(f"the supervisor has ended:\n{self.output.read_text()}", pytrace=False)
            if time.monotonic() > end:
                pytest.fail(f"not within {seconds} s:\n{self.output.read_text()}", pytrace=False)
            time.sleep(0.05)

    def processes(self) -> dict[str, dict[str, Any]]:
        """Return the status of every process by name."""
        plain = json.loads((self.directory / "run/status.json").read_text(encoding="utf-8"))
        return {it["name"]: it for it in plain["processes"]}

    def kill(self, name: str) -> None:
        """Kill one process without warning and wait until another one runs in its place."""
        pid = self.processes()[name]["pid"]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.until(lambda: self._is_new(name, pid))

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one process."""
        os.kill(self.processes()[name]["pid"], number)

    def remove_pipes(self) -> int:
        """Remove every pipe of the bus; return how many there were."""
        pipes = list((self.directory / "run").glob("*.pipe"))
        for pipe in pipes:
            pipe.unlink(missing_ok=True)
        return len(pipes)

    def run_in_vain(self, *flags: str) -> tuple[int, str]:
        """Try to run the project where it cannot run; return exit code and output."""
        code, out, err = self.angzarr("up", *flags)
        return code, out + err

    def command(self, *words: str) -> list[str]:
        """Return the words of a command about the project."""
        return [self.program, f"--config={self.config}", *words]

    def angzarr(
        self, *words: str, stdin: str = "", more: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Return exit code, output and errors of a command in the shop's environment."""
        done = subprocess.run(  # noqa: S603 - our own program
            self.command(*words),
            env={**self.environment, **(more or {})},
            cwd=self.directory,
            input=stdin.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def _is_new(self, name: str, pid: int) -> bool:
        found = self.processes()[name]
        return found["state"] == "running" and found["pid"] not in {0, pid}

    def stop(self) -> int:
        """Stop as Ctrl-C does; return the exit code."""
        supervisor = self.supervisor
        assert supervisor is not None
        supervisor.send_signal(signal.SIGINT)
        code = supervisor.wait(60)
        self.supervisor = None
        return code

    def survivors(self) -> list[str]:
        """Return the processes that still carry this run in their environment."""
        mark = f"ANGZARR_RUN_DIR={self.directory / 'run'}".encode()
        url = str(self.directory).encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                data = path.read_bytes()
                if mark in data or (b"SUPERVISED_BY" in data and url in data):
                    found.append(path.parent.joinpath("cmdline").read_bytes().decode())
        return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
