"""A standalone system of our own: two aggregates, a saga, a projector, a gateway, a supervisor."""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from angzarr_standalone import ProcessStatus, State, Status, read_status

from .planting import program as started
from .servers import Schema, Servers

SCRIPT = Path(__file__).with_name("components.py")
PATIENCE_SECONDS = 90.0

PROJECT = """\
project: faults
monitoring: {{listen: ""}}
stream: {{listen: ""}}
topology: {{listen: ""}}
store: {{durability: volatile}}
shutdown: {{drain_seconds: 5}}
components:
  order: {{kind: aggregate, run: {aggregate}}}
  stock: {{kind: aggregate, run: {aggregate}}}
  saga-order-stock: {{kind: saga, inputs: [order], run: {saga}, env: {{JOURNAL: {journal}}}}}
  projector-order:
    {{kind: projector, inputs: [order], run: {projector}, env: {{JOURNAL: {journal}}}}}
{more}
"""


class System:
    """The processes of one project, with all their files in a scratch directory.

    `more` are lines of its file. Nothing listens on a port that another project could have. With
    `servers` it has its store and bus there, and two coordinators of each component.
    """

    def __init__(
        self,
        directory: Path,
        *,
        program: Sequence[str] = (),
        more: str = "",
        servers: Servers | None = None,
    ) -> None:
        self.directory = directory
        self.program = program or started("angzarr")
        self.run_directory = directory / "run"
        self.journal = directory / "journal.txt"
        self.store = directory / ".angzarr/store"
        self.port = free_port()
        self.servers = servers
        self._output = directory / "up.txt"
        self._supervisor: subprocess.Popen[bytes] | None = None
        runs = {
            kind: f"[{sys.executable}, {SCRIPT}, {kind}]"
            for kind in ("aggregate", "saga", "projector")
        }
        text = PROJECT.format(journal=self.journal, more=more, **runs)
        (directory / "angzarr.yaml").write_text(text, encoding="utf-8")

    @property
    def gateway(self) -> str:
        """Return where the gateway listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """Return what the supervisor printed since it was started."""
        return self._output.read_text(encoding="utf-8")

    def database(self, component: str) -> Path | Schema:
        """Return where a component stores what it stores."""
        if self.servers is not None:
            return self.servers.schema(component)
        return self.store / f"{component}.db"

    async def migrate(self) -> None:
        """Make the schemas of all components, and let their logins in."""
        assert self.servers is not None
        words = ("store", "migrate", f"--url={self.servers.administration}")
        done = await asyncio.to_thread(self._run, words)
        assert done.returncode == 0, done.stderr
        await self.servers.let_in()

    async def start(self) -> None:
        """Start the supervisor and wait until everything is healthy."""
        await self.spawn()
        await self.until(lambda: "Ready in" in self.output, "ready")

    async def spawn(self) -> None:
        """Start the supervisor."""
        await asyncio.to_thread(self._spawn)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor."""
        assert self._supervisor is not None
        self._supervisor.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the supervisor by a signal; return its exit code."""
        self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code of a supervisor that ends."""
        supervisor = self._supervisor
        assert supervisor is not None
        self._supervisor = None
        return await asyncio.to_thread(supervisor.wait, PATIENCE_SECONDS)

    async def aclose(self) -> None:
        """End what still runs, whatever happened before."""
        if self._supervisor is not None:
            await self.stop(signal.SIGKILL)
        for pid in self.survivors():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self.until(lambda: not self.survivors(), "without survivors")

    async def kill(self) -> None:
        """Kill the supervisor, and wait until none of its children is left."""
        await self.stop(signal.SIGKILL)
        await self.until(lambda: not self.survivors(), "without survivors")

    @property
    def status(self) -> Status:
        """Return what the supervisor tells of itself and its processes."""
        status = read_status(self.run_directory)
        assert status is not None
        return status

    def processes(self) -> dict[str, ProcessStatus]:
        """Return every process by name."""
        status = read_status(self.run_directory)
        return {it.name: it for it in status.processes} if status else {}

    def are_running(self) -> bool:
        """Say whether every process runs."""
        found = self.processes()
        return bool(found) and all(it.state is State.RUNNING for it in found.values())

    async def replaced(self, name: str, pid: int) -> None:
        """Wait until another process has the name, and all run."""

        def is_new() -> bool:
            return self.processes()[name].pid not in {0, pid} and self.are_running()

        await self.until(is_new, f"{name} replaced")

    async def until(
        self, condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Wait for a condition of files and processes, which is asked in a thread."""

        def wait() -> None:
            end = time.monotonic() + seconds
            while not condition():
                supervisor = self._supervisor
                dead = supervisor is not None and supervisor.poll() is not None
                if dead or time.monotonic() > end:
                    raise AssertionError(f"not {what}: {self.output}\n{self.logs()}")
                time.sleep(0.05)

        await asyncio.to_thread(wait)

    def logs(self) -> str:
        """Return the last lines of every process."""
        found = []
        for path in sorted((self.directory / ".angzarr/logs").glob("*.log")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            told = [it for it in lines if '"level":"info"' not in it.replace(" ", "")]
            found += [f"--- {path.name}", *told[-40:]]
        return "\n".join(found)

    def survivors(self) -> dict[int, str]:
        """Return number and command line of the processes that still belong to this directory."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (path / "stat").read_bytes().rpartition(b")")[2].split()[0]
                mine = str(self.directory).encode() in (path / "environ").read_bytes()
                if mine and state != b"Z":
                    line = (path / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(path.name)] = line.decode()
        return found

    def left(self) -> Iterator[str]:
        """Yield what outlives a stopped system: processes, sockets, pipes, locks."""
        for text in self.survivors().values():
            yield f"process {text}"
        for path in self.run_directory.glob("*"):
            yield f"file {path.name}"
        for path in self.store.glob("*.lock"):
            descriptor = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield f"lock {path.name}"
            finally:
                os.close(descriptor)
        with Path("/proc/net/unix").open(encoding="ascii") as table:
            for line in table:
                if str(self.directory) in line:
                    yield f"socket {line.split()[-1]}"

    def _spawn(self) -> None:
        with self._output.open("wb") as output:
            self._supervisor = subprocess.Popen(  # noqa: S603 - our own program
                [*self.program, "up", f"--gateway={self.gateway}"],
                env=self._environment(),
                cwd=self.directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own program
            [*self.program, *words],
            env=self._environment(),
            cwd=self.directory,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        told = {"ANGZARR_REPLICAS": "2", **self.servers.variables} if self.servers else {}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory),
            "ANGZARR_RUN_DIR": str(self.run_directory),
            **told,
        }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
