"""Options and fixtures of the fault suites."""

import importlib
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from .planting import VARIABLE
from .process import end_all

OPTIONS = (
    ("--long", {"action": "store_true", "help": "faults: the long form of every suite"}),
    ("--seed", {"type": int, "default": None, "help": "repeat the schedule of a seed"}),
    ("--plant", {"default": "-", "help": "plant a bug: its suite must fail"}),
    ("--all-planted", {"action": "store_true", "help": "planted: every bug, not three"}),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what no other suite has added."""
    for name, what in OPTIONS:
        try:
            parser.addoption(name, **what)
        except ValueError:
            continue


def pytest_configure(config: pytest.Config) -> None:
    """Plant the bug that was asked for in this process."""
    number = str(config.getoption("--plant", default="-"))
    os.environ[VARIABLE] = number
    if number != "-":
        importlib.import_module(f".planted.{number.lower()}", __package__).plant()


@pytest.fixture
def planted(request: pytest.FixtureRequest) -> str:
    """Return the number of the bug that children plant too, or -."""
    return str(request.config.getoption("--plant", default="-"))


@pytest.fixture(autouse=True)
def blocking_calls_fail() -> None:
    """Let a test's own loop look at files: what is under test runs in other processes."""


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture(autouse=True)
async def nothing_runs_on() -> AsyncIterator[None]:
    """End the processes of a test that failed."""
    yield
    await end_all()


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Say whether the long form was asked for."""
    return bool(request.config.getoption("--long", default=False))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of this run, and print it."""
    given = request.config.getoption("--seed", default=None)
    chosen = random.SystemRandom().randrange(2**32) if given is None else int(given)
    print(f"seed {chosen}")  # noqa: T201 - pytest shows it with a failure
    return chosen


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Make a short directory, so that sockets fit."""
    path = Path(tempfile.mkdtemp(prefix="angf"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
