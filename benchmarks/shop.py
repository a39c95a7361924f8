"""The example shop under `angzarr up`, in scratch directories, until it is no longer needed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from errors import BenchError

from angzarr_standalone import State, Status, read_status

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "examples/python/standalone.yaml"
ANGZARR = Path(sys.executable).with_name("angzarr")
START_SECONDS = 60.0
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.05
LAST_LINES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A running shop: where its gateway listens, and the directory of its sockets."""

    gateway: str
    run_directory: Path

    @property
    def status(self) -> Status:
        """Return how the shop is.

        Raises:
            BenchError: it no longer runs.
        """
        status = read_status(self.run_directory)
        if status is None:
            raise BenchError("The shop has ended during the measurement.")
        return status


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a directory on the disk of the checkout; remove it with everything in it."""
    parent = ROOT / ".angzarr"
    parent.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path)
        if not any(parent.iterdir()):
            parent.rmdir()


@contextmanager
def short_scratch() -> Iterator[Path]:
    """Make a directory whose name leaves room for those of sockets; remove it in the end."""
    with tempfile.TemporaryDirectory(prefix="angbench") as path:
        yield Path(path)


@contextmanager
def running(components: Collection[str] = ()) -> Iterator[Shop]:
    """Run the components of the shop, all of them if none is named.

    Raises:
        BenchError: it does not start; the text has what the supervisor said.
    """
    with scratch() as home, short_scratch() as short:
        config = home / "angzarr.yaml"
        config.write_text(_configuration(components), encoding="utf-8")
        shop = Shop(gateway=f"127.0.0.1:{_free_port()}", run_directory=short / "run")
        output = home / "up.txt"
        supervisor = _start(shop, config, output)
        try:
            _wait(shop, supervisor, output)
            yield shop
        finally:
            _stop(supervisor)


def _configuration(components: Collection[str]) -> str:
    plain = yaml.safe_load(SHOP.read_text(encoding="utf-8"))
    known = plain["components"]
    plain["components"] = {name: known[name] for name in components or known}
    return yaml.safe_dump(plain)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(shop: Shop, config: Path, output: Path) -> "subprocess.Popen[bytes]":
    if not ANGZARR.exists():
        raise BenchError(f"The shop cannot start: there is no {ANGZARR}.")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(config.parent),
        "ANGZARR_RUN_DIR": str(shop.run_directory),
        "ANGZARR_MONITORING__LISTEN": "127.0.0.1:0",
        "ANGZARR_STREAM__LISTEN": "",
        "ANGZARR_TOPOLOGY__LISTEN": "",
    }
    with output.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own program
            [ANGZARR, "up", f"--config={config}", f"--gateway={shop.gateway}"],
            env=environment,
            cwd=config.parent,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(shop: Shop, supervisor: "subprocess.Popen[bytes]", output: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not _is_ready(read_status(shop.run_directory)):
        ended = supervisor.poll() is not None
        if ended or time.monotonic() > end:
            why = "it has ended" if ended else f"not ready within {START_SECONDS:.0f} s"
            lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
            said = "".join(f"\n    {line}" for line in lines[-LAST_LINES:])
            raise BenchError(f"The shop does not start: {why}.{said}")
        time.sleep(LOOK_SECONDS)


def _is_ready(status: Status | None) -> bool:
    """Say whether everything runs; the gateway is started last."""
    if status is None:
        return False
    states = {process.role: process.state for process in status.processes}
    everything = all(process.state is State.RUNNING for process in status.processes)
    return everything and "gateway" in states


def _stop(supervisor: "subprocess.Popen[bytes]") -> None:
    supervisor.send_signal(signal.SIGINT)
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
