"""The system under test: a supervisor of our own, or any gateway."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr.types_pb2 import Cover, Query
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock

from .backing import Servers
from .gateway import Gateway, System
from .journey import Journey
from .shop import Shop

MODE = os.environ.get("ANGZARR_TEST_MODE", "standalone")
MODES = ("standalone", "gateway")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let every shop be one of replicas on servers."""
    text = "two of each coordinator, on Postgres and NATS"
    parser.addoption("--distributed", action="store_true", help=text)


def need_own_supervisor() -> None:
    """Skip what starts a supervisor beside a system that runs already."""
    if MODE == "gateway":
        pytest.skip("needs a supervisor of its own; ANGZARR_TEST_MODE is gateway")


@pytest.fixture(scope="session", autouse=True)
def backed_shops(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give every shop the store and the bus that it is to have."""
    with ExitStack() as stack:
        if request.config.getoption("--distributed"):
            Shop.backing = Servers(stack)
        yield


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Make a short directory, so that sockets fit."""
    need_own_supervisor()
    path = Path(tempfile.mkdtemp(prefix="ang"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def own_shop(scratch: Path) -> Iterator[Shop]:
    """Run a shop for one test."""
    shop = Shop(scratch)
    shop.start()
    yield shop
    if shop.supervisor is not None:
        shop.stop()


@pytest.fixture
def hasty_shop(scratch: Path) -> Iterator[Shop]:
    """Run a shop that gives up soon."""
    shop = Shop(scratch)
    hasty = "delivery: {attempts: 3}\nusual_deadline: 1.0\n"
    shop.config.write_text(shop.config.read_text(encoding="utf-8") + hasty, encoding="utf-8")
    shop.start()
    yield shop
    if shop.supervisor is not None:
        shop.stop()


@pytest.fixture
def make_shop(scratch: Path) -> Callable[[Path], Shop]:
    """Return what makes a shop of a file; it does not run."""
    return lambda file: Shop(scratch, file)


@pytest.fixture
def project(scratch: Path) -> Callable[..., Shop]:
    """Return what makes a project of components, each a line of its file; it does not run."""

    def make(*components: str) -> Shop:
        file = scratch / "project.yaml"
        lines = "\n".join(f"  {component}" for component in components)
        file.write_text(f"project: shop\ncomponents:\n{lines}\n", encoding="utf-8")
        return Shop(scratch, file)

    return make


@pytest.fixture(scope="module")
def module_shop() -> Iterator[Shop]:
    """Run a shop for the tests of one module; nothing of it survives."""
    need_own_supervisor()
    directory = Path(tempfile.mkdtemp(prefix="ang"))
    shop = Shop(directory)
    shop.start()
    yield shop
    assert shop.stop() == 0
    assert shop.survivors() == []
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def stocked_shop(module_shop: Shop) -> Shop:
    """Put the product "S" in stock, so that orders of it stay as they were made."""
    command = InitializeStock(product_id="S", quantity=1_000_000)
    module_shop.run(lambda it: it.send("inventory", inventory_root("S"), command))
    return module_shop


@pytest.fixture
def cli(stocked_shop: Shop) -> Callable[..., tuple[int, str, str]]:
    """Return what runs the command in the shop's environment: exit code, stdout, stderr."""
    return stocked_shop.angzarr


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Yield the shop that the journeys share: a standalone one, or a gateway that runs already."""
    assert MODE in MODES, f"ANGZARR_TEST_MODE is {MODE}: make it standalone or gateway"
    if MODE == "gateway":
        endpoint = os.environ.get("ANGZARR_ENDPOINT", "http://localhost:9084")
        yield reachable(System(endpoint.removeprefix("http://")))
        return
    directory = Path(tempfile.mkdtemp(prefix="ang"))
    shop = Shop(directory)
    shop.start()
    yield shop
    assert shop.stop() == 0
    assert shop.survivors() == []
    shutil.rmtree(directory)


def reachable(system: System) -> System:
    """Return the system if it answers within ten seconds; else fail the run."""

    async def look(gateway: Gateway) -> None:
        await gateway.queries.GetEventBook(
            Query(cover=Cover().address("order", uuid.uuid4())), timeout=10, wait_for_ready=True
        )

    try:
        system.run(look)
    except grpc.aio.AioRpcError as error:
        pytest.exit(f"{system.endpoint} does not answer: {error.details()}", returncode=1)
    return system


@pytest.fixture
def journey(system: Any) -> Journey:
    """Begin a journey."""
    return Journey(system)
