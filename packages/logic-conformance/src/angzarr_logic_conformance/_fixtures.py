"""Fixtures that the contract's tests get from this plugin."""

import asyncio
import shlex
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from angzarr_logic_conformance._behaviours import Logic
from angzarr_logic_conformance._system import Around
from angzarr_ports import SystemClock, real_system

START_SECONDS = 30.0

Serve = Callable[[str], Awaitable[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let another language bring its own services."""
    parser.addoption(
        "--foreign-logic",
        default="",
        metavar="COMMAND",
        help="Serves the behaviour BEHAVIOUR at 127.0.0.1:PORT; both are in its environment.",
    )


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """Return a directory whose path leaves room for the names of sockets."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture
async def around(short_directory: Path) -> AsyncIterator[Around]:
    """Return coordinators that a test starts; a task that dies fails the test."""
    grpc.aio.init_grpc_aio()
    died: list[BaseException] = []
    system = real_system(lambda _name, error: died.append(error))
    made = Around(system, short_directory)
    yield made
    await made.aclose()
    await system.tasks.aclose()
    assert died == []


@pytest.fixture
async def serve(request: pytest.FixtureRequest) -> AsyncIterator[Serve]:
    """Return what serves a behaviour, and returns where: our own, or that of a command."""
    command = str(request.config.getoption("--foreign-logic"))
    servers: list[grpc.aio.Server] = []
    processes: list[asyncio.subprocess.Process] = []

    async def ours(behaviour: str) -> str:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((Logic(behaviour),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        servers.append(server)
        return f"127.0.0.1:{port}"

    async def theirs(behaviour: str) -> str:
        port = _free_port()
        words = ["env", f"BEHAVIOUR={behaviour}", f"PORT={port}", *shlex.split(command)]
        processes.append(await asyncio.create_subprocess_exec(*words))
        await _listening(port)
        return f"127.0.0.1:{port}"

    yield theirs if command else ours
    for server in servers:
        await server.stop(None)
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(port: int) -> None:
    """Return when somebody accepts connections at a port."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await SystemClock().sleep(0.05)
