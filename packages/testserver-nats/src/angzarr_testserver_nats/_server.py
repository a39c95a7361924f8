"""One nats-server process with JetStream, which can be killed and started again."""

import json
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 20.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.01
ANY_PORT = -1


class ServerError(Exception):
    """A server did not start; the message ends with what it wrote."""

    def __init__(self, why: str, log: str) -> None:
        super().__init__(f"nats-server {why}:\n{log[-2000:]}")
        self.why = why


class NatsServer:
    """A server on a free port of loopback, whose files lie in one directory.

    Shape: `configuration` is text in the server's own language, for logins and limits; `flags`
    are further arguments; a change of them holds from the next start on. The port is chosen at
    the first start and kept.
    """

    def __init__(
        self, directory: Path, *, configuration: str = "", flags: Sequence[str] = ()
    ) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.port = ANY_PORT
        self.process: subprocess.Popen[bytes] | None = None
        self.configuration = configuration
        self.flags = tuple(flags)

    @property
    def url(self) -> str:
        """Return where it listens, without a login."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Return what it has written since it was first started."""
        return self._path("log").read_text(encoding="utf-8")

    def begin(self) -> None:
        """Start the process and do not wait for it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for path in self.directory.glob("*.ports"):
            path.unlink()
        self._path("conf").write_text(self.configuration, encoding="utf-8")
        with self._path("log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the server of the environment
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def ready(self) -> None:
        """Return when it listens.

        Raises:
            ServerError: it ended, or it is not ready within 20 s.
        """
        deadline = time.monotonic() + START_SECONDS
        while not (ports := self._ports()):
            if self.process is None or self.process.poll() is not None:
                raise ServerError("ended", self.log)
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError("is not ready", self.log)
            time.sleep(LOOK_SECONDS)
        self.port = ports[0]

    def start(self) -> None:
        """Start it, on its old port with its old data if it ran before; return when it listens.

        Raises:
            ServerError: it ended, or it is not ready within 20 s.
        """
        self.begin()
        self.ready()

    def kill(self) -> None:
        """End it by SIGKILL; nothing is flushed."""
        self._end(signal.SIGKILL, None)

    def stop(self) -> None:
        """End it by SIGTERM, or by SIGKILL when it does not obey."""
        try:
            self._end(signal.SIGTERM, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def freeze(self) -> None:
        """Stop it in its tracks; its sockets stay open and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        self._signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Delete its data; to be called while it does not run."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _command(self) -> list[str]:
        here = str(self.directory)
        return [
            *(str(Path(sysconfig.get_path("scripts"), "nats-server")), "-js", "-sd"),
            *(str(self.data), "-a", "127.0.0.1", "-p", str(self.port)),
            *("--ports_file_dir", here, "-c", str(self._path("conf")), *self.flags),
        ]

    def _path(self, kind: str) -> Path:
        return self.directory / f"nats.{kind}"

    def _ports(self) -> list[int]:
        """Return where it says that it listens; nothing until the file is whole."""
        texts = [path.read_text(encoding="utf-8") for path in self.directory.glob("*.ports")]
        urls = [url for text in texts if text.endswith("}") for url in json.loads(text)["nats"]]
        return [urlsplit(url).port or 0 for url in urls]

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def _end(self, number: signal.Signals, seconds: float | None) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(seconds)
        self.process = None
