"""One server: started, stopped in every way that it can end, paused, started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from angzarr_testserver_postgres._account import Account

LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.01
PORTS_TRIED = 10
STATUS_LINE = 7
# The shell's standard input is a pipe that ends with its starter: then so does the server.
GUARD = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
(read -r _ <&3; kill -QUIT $server 2>/dev/null) &
exec 3<&-
wait $server
"""
Stop = Literal["smart", "fast", "immediate", "killed"]
SIGNALS = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
    "killed": signal.SIGKILL,
}


class ServerError(Exception):
    """A server does not start or stop."""


@dataclass(slots=True, kw_only=True)
class PostgresServer:
    """A server on a free port of the loopback; `settings` are those of its command line.

    Its superuser is `postgres`, with `password`. Stopped and started again it keeps port and data.
    """

    version: int
    binaries: Path
    directory: Path
    account: Account
    password: str
    settings: dict[str, str]
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """Return its data directory."""
        return self.directory / "data"

    @property
    def pid(self) -> int:
        """Return the process id of its postmaster."""
        return int(self._told()[0])

    def url(self, user: str = "postgres", database: str = "postgres", secret: str = "") -> str:
        """Return where it is, with a secret: that of the superuser if none is given."""
        login = f"{quote(user)}:{quote(secret or self.password)}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{quote(database)}"

    def start(self) -> None:
        """Return once it accepts connections.

        Raises:
            ServerError: it does not; the error ends with its log.
        """
        for _ in range(PORTS_TRIED):
            port = self.port or _free_port()
            self._launch(port)
            if self._is_up():
                self.port = port
                return
            self._end()
        raise ServerError(f"Postgres {self.version} does not start: {self.log()[-2000:]}")

    def stop(self, how: Stop = "fast") -> None:
        """End it and return when it is gone; nothing happens if it does not run.

        Raises:
            ServerError: it goes on.
        """
        process = self._process
        if process is None:
            return
        try:
            if process.poll() is None:
                postmaster = self.pid
                others = _children(postmaster)
                os.kill(postmaster, SIGNALS[how])
                process.wait(STOP_SECONDS)
                _await_end(others)
        except subprocess.TimeoutExpired as error:
            raise ServerError(f"Postgres {self.version} does not stop") from error
        finally:
            self._end()

    def pause(self) -> None:
        """Freeze it with everything that it does."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal_all(signal.SIGCONT)

    def log(self) -> str:
        """Return what it has said since its first start."""
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def _launch(self, port: int) -> None:
        fixed = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": str(self.directory),
        }
        options = [f"--{name}={value}" for name, value in {**fixed, **self.settings}.items()]
        command = (str(self.binaries / "postgres"), "-D", str(self.data), *options)
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program of the wheel
                self.account.command("/bin/sh", "-c", GUARD, "guard", *command),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _is_up(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process and self._process.poll() is None:
            told = self._told()
            is_ready = len(told) > STATUS_LINE and told[STATUS_LINE].strip() == "ready"
            # A killed server leaves its file behind: only what our shell started counts.
            if is_ready and int(told[0]) in _children(self._process.pid):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait(STOP_SECONDS)

    def _told(self) -> Sequence[str]:
        file = self.data / "postmaster.pid"
        try:
            return file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()

    def _signal_all(self, what: signal.Signals) -> None:
        pid = self.pid
        for each in (pid, *_children(pid)):
            os.kill(each, what)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _await_end(pids: Sequence[int]) -> None:
    """Wait for the processes that a killed server leaves, which end because it has."""
    until = time.monotonic() + STOP_SECONDS
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            raise ServerError(f"of a server that ended, {pids} go on")
        time.sleep(POLL_SECONDS)


def _children(pid: int) -> Sequence[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(it) for it in found.split()]
