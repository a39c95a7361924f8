"""The system under test: a supervisor of our own, or any gateway."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf.message import Message

from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.gateway_pb2_grpc import CommandGatewayStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import CommandBook, CommandResponse, Cover, EventBook, EventPage, Query
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock, StockReserved
from examples.order_pb2 import CreateOrder, LineItem

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples/python/standalone.yaml"
ANGZARR = Path(sys.executable).with_name("angzarr")
ResultT = TypeVar("ResultT")
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
]


DEADLINE_SECONDS = 60
# A shell's background job ignores interrupts, and so would every child that is to be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)
RUNNER = asyncio.Runner()  # gRPC wants one event loop per process


class System:
    """A gateway, and for one of our own the supervisor behind it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.token = uuid.uuid4().hex[:8]

    def run(self, work: Callable[["Gateway"], Coroutine[Any, Any, ResultT]]) -> ResultT:
        """Run `work` with stubs of the gateway; steps are synchronous."""
        return RUNNER.run(self._run(work))

    async def _run(self, work: Callable[["Gateway"], Coroutine[Any, Any, ResultT]]) -> ResultT:
        grpc.aio.init_grpc_aio()
        async with grpc.aio.insecure_channel(self.endpoint, options=FAST) as channel:
            return await work(Gateway(channel))


class Gateway:
    """What a plain client has: stubs of the generated code."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.commands = CommandGatewayStub(channel)
        self.queries = EventQueryStub(channel)
        self.feeds = EventFeedStub(channel)

    async def send(
        self, domain: str, root: uuid.UUID, command: Message, *, sequence: int = 0, tag: str = ""
    ) -> CommandResponse:
        """Send one command; `tag` is its correlation id."""
        book = CommandBook.to(domain, root, command, sequence=sequence)
        book.cover.correlation_id = tag
        return await self.settle(book)

    async def settle(self, book: CommandBook) -> CommandResponse:
        """Send a command under an id until its outcome is known."""
        book.command_id = book.command_id or str(uuid.uuid4())
        while True:
            try:
                return await self.commands.Execute(book, timeout=60, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() not in {
                    grpc.StatusCode.UNAVAILABLE,
                    grpc.StatusCode.DEADLINE_EXCEEDED,
                }:
                    raise

    async def book(self, domain: str, root: uuid.UUID) -> EventBook:
        """Return the history of a root."""
        query = Query(cover=Cover().address(domain, root))
        return await self.queries.GetEventBook(query, timeout=60, wait_for_ready=True)

    async def workflow(self, correlation_id: str) -> list[tuple[str, str]]:
        """Return domain and type of every event with a correlation id."""
        query = Query(cover=Cover(correlation_id=correlation_id))
        books = [book async for book in self.queries.GetEvents(query, timeout=60)]
        return [
            (book.cover.domain, page.type_name.rpartition(".")[2])
            for book in books
            for page in book.pages
        ]

    async def until_shipped(self, correlation_id: str) -> None:
        """Wait until a workflow has led to a shipment, at most a minute."""
        async with asyncio.timeout(60):
            while True:
                if ("fulfillment", "ShipmentCreated") in await self.workflow(correlation_id):
                    return
                await asyncio.sleep(0.05)

    async def reserved(self) -> list[str]:
        """Return the order of every reservation that was ever made."""
        found = []
        for page in await self.log("inventory"):
            event = StockReserved()
            if page.event.Unpack(event):
                found.append(event.order_id)
        return found

    async def log(self, domain: str) -> list[EventPage]:
        """Return every event of a domain by position."""
        feed = self.feeds.Read(FeedRequest(domain=domain), timeout=60, wait_for_ready=True)
        return [page async for batch in feed for book in batch.books for page in book.pages]


class Shop(System):
    """The example shop under a supervisor of our own, with its files in a scratch directory."""

    program = str(ANGZARR)

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
        }

    def start(self) -> None:
        """Start the supervisor and wait until everything is healthy."""
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
        done = subprocess.run(  # noqa: S603 - our own program
            [ANGZARR, "up", f"--config={self.config}", *flags],
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).decode()

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


MODE = os.environ.get("ANGZARR_TEST_MODE", "standalone")
MODES = ("standalone", "gateway")


def need_own_supervisor() -> None:
    """Skip what starts a supervisor beside a system that runs already."""
    if MODE == "gateway":
        pytest.skip("needs a supervisor of its own; ANGZARR_TEST_MODE is gateway")


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

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [ANGZARR, f"--config={stocked_shop.config}", *arguments],
            env=stocked_shop.environment,
            cwd=stocked_shop.directory,
            input=stdin.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


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


class Journey:
    """One customer's way through the shop."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.product = f"SKU-{system.token}-{uuid.uuid4().hex[:8]}"
        self.orders = [uuid.uuid4()]
        self.tag = f"order-{uuid.uuid4().hex[:8]}"
        self.refusal = ""

    @property
    def order(self) -> uuid.UUID:
        """Return the root of the order."""
        return self.orders[0]

    def send(self, domain: str, root: uuid.UUID, command: Message, sequence: int) -> None:
        """Send a command that may be refused."""
        work = lambda it: it.send(domain, root, command, sequence=sequence, tag=self.tag)  # noqa: E731
        try:
            self.system.run(work)
        except grpc.aio.AioRpcError as error:
            self.refusal = error.details() or ""

    def book(self, domain: str, root: uuid.UUID) -> EventBook:
        """Return a history."""
        found: EventBook = self.system.run(lambda it: it.book(domain, root))
        return found

    def until(self, domain: str, root: uuid.UUID, type_name: str, count: int = 1) -> EventBook:
        """Wait until a history holds so many events of a type."""

        async def wait(gateway: Any) -> EventBook:
            book = EventBook()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    while True:
                        book = EventBook()
                        book.CopyFrom(await gateway.book(domain, root))
                        names = [page.type_name.rpartition(".")[2] for page in book.pages]
                        if names.count(type_name) == count:
                            return book
                        await asyncio.sleep(0.02)
            except TimeoutError:
                names = [page.type_name for page in book.pages]
                pytest.fail(f"{count} {type_name} expected in {names}", pytrace=False)

        found: EventBook = self.system.run(wait)
        return found

    def create(self, quantity: int, price: int) -> CreateOrder:
        """Return the command of a new order."""
        item = LineItem(product_id=self.product, quantity=quantity, unit_price_cents=price)
        return CreateOrder(customer_id="C-1", items=[item])


@pytest.fixture
def journey(system: Any) -> Journey:
    """Begin a journey."""
    return Journey(system)
