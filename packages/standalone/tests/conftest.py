"""A project whose logic is a few lines of bare grpcio."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr_ports import System, SystemClock, real_system
from angzarr_settings import ProjectSettings, environment, load_project
from angzarr_standalone import ProcessStatus, State, Status, read_status, up

LOGIC = """
import asyncio, os, sys, grpc
from angzarr.types_pb2 import BusinessResponse, ComponentDescriptor
from angzarr import aggregate_pb2_grpc as aggregate

class Logic(aggregate.AggregateServicer):
    async def Handle(self, request, context):
        return BusinessResponse()

async def main():
    if os.path.exists(sys.argv[1] + ".exit"):
        sys.exit(int(open(sys.argv[1] + ".exit").read()))
    open(sys.argv[1] + ".started", "a").write("x")
    server = grpc.aio.server()
    aggregate.add_AggregateServicer_to_server(Logic(), server)
    name = os.environ["SERVICE_NAME"] + "-" + os.environ["DOMAIN"]
    server.add_insecure_port(f"unix:{os.environ['UDS_BASE_PATH']}/{name}.sock")
    await server.start()
    print("logic is up", flush=True)
    await server.wait_for_termination()

asyncio.run(main())
"""


class Heard:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.status: Status | None = None
        self.failures: list[tuple[str, str, tuple[str, ...]]] = []
        self.lines: list[str] = []

    def ready(self, status: Status, _seconds: float) -> None:
        """Remember the status."""
        self.status = status

    def failed(self, process: str, text: str, lines: tuple[str, ...]) -> None:
        """Remember the failure."""
        self.failures.append((process, text, lines))

    def line(self, text: str) -> None:
        """Remember the line."""
        self.lines.append(text)

    def told(self, process: str) -> list[str]:
        """Return what was said about a process."""
        return [text for name, text, _ in self.failures if name == process]


class Run:
    """A supervisor in this loop; `stop` ends it."""

    def __init__(self, project: ProjectSettings, system: System) -> None:
        self.heard = Heard()
        self.stop = asyncio.Event()
        self.directory = Path(project.home) / "run"
        self._project = project
        self._system = system
        self.task = asyncio.ensure_future(self._up())

    async def _up(self) -> None:
        await up(
            self._project,
            self._system,
            self.stop,
            environment={**environment(), "SECRET": "x"},
            reporter=self.heard,
        )

    async def ready(self) -> Status:
        """Wait until everything is healthy."""
        await self.until(lambda: self.heard.status)
        assert self.heard.status is not None
        return self.heard.status

    async def state(self, name: str) -> ProcessStatus:
        """Return how a process is now."""
        async with asyncio.timeout(25):
            while (status := await asyncio.to_thread(read_status, self.directory)) is None:
                await self._system.clock.sleep(0.5)
        return next(it for it in status.processes if it.name == name)

    async def until(self, condition: Callable[[], object], seconds: float = 25) -> None:
        """Wait for a condition, at most `seconds`; the end of the supervisor is an error."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self.task.done():
                    self.task.result()
                await self._system.clock.sleep(0.5)

    async def until_state(self, name: str, state: State) -> None:
        """Wait until a process is in a state."""
        async with asyncio.timeout(25):
            while (await self.state(name)).state is not state:
                await self._system.clock.sleep(1)


class QuickClock(SystemClock):
    """A clock on which backoff and heartbeats pass twenty times faster."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a twentieth of `seconds`."""
        await super().sleep(seconds / 20)


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last channel goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


@pytest.fixture
async def run(project: Callable[..., ProjectSettings]) -> AsyncIterator[Callable[..., Any]]:
    """Return what runs a project of components; everything ends with the test."""
    died: list[BaseException] = []
    system = replace(real_system(lambda _, error: died.append(error)), clock=QuickClock())
    runs: list[Run] = []

    async def start(*names: str, more: str = "") -> Run:
        made = await asyncio.to_thread(project, *names, more=more)
        runs.append(Run(made, system))
        return runs[-1]

    yield start
    for one in runs:
        one.stop.set()
        await asyncio.wait([one.task])
    await system.tasks.aclose()
    assert died == []


@pytest.fixture
def project(place: Path) -> Callable[..., ProjectSettings]:
    """Return what makes a project of components that run LOGIC."""
    logic = place / "logic.py"
    logic.write_text(LOGIC)

    def make(*names: str, more: str = "") -> ProjectSettings:
        lines = [
            f"  {name}: {{kind: aggregate, run: [python, {logic}, {place}/{name}]}}"
            for name in names
        ]
        text = "\n".join(
            [
                "project: test",
                "run_dir: run",
                "store: {durability: volatile}",
                "gateway: {listen: ''}",
                "monitoring: {listen: ''}",
                "stream: {listen: ''}",
                "topology: {listen: ''}",
                "shutdown: {drain_seconds: 2}",
                "components:",
                *lines,
                more,
            ]
        )
        (place / "angzarr.yaml").write_text(text)
        return load_project([f"--config={place / 'angzarr.yaml'}"], {})

    return make
