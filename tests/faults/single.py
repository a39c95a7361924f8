"""Components as single processes with faults, beside logic in the test's own process."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.types_pb2 import CommandBook

from .components import Service
from .process import Process

SCRIPT = str(Path(__file__).with_name("dying.py"))
UNSETTLED = {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
NOT_STORED = "Failed to persist events: "  # INTERNAL on the wire, and nothing is stored
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 50),
    ("grpc.use_local_subchannel_pool", 1),
]
NOWHERE = "kill:nowhere:1"
KILLED = -9
PACE_SECONDS = 0.2


class Component(Process):
    """A process whose faults a test chooses; `bus` is ipc or channel, which has no peers."""

    def __init__(
        self, directory: Path, kind: str, name: str, *flags: str, bus: str = "ipc", planted: str
    ) -> None:
        domain = [f"--component.domain={name}"] if kind == "aggregate" else []
        super().__init__(directory, kind, name, f"--bus.kind={bus}", *domain, *flags)
        self._kind = kind
        self._planted = planted
        self.use(NOWHERE)

    def use(self, faults: str) -> "Component":
        """Let the next start have these faults."""
        self.program = (sys.executable, SCRIPT, self._kind, faults, self._planted)
        return self


@asynccontextmanager
async def logic(kind: str, *sockets: Path) -> AsyncIterator[None]:
    """Serve the logic of a kind at the sockets."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((Service(kind),))
    for socket in sockets:
        server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield
    finally:
        await server.stop(None)


async def settle(stub: Any, book: CommandBook) -> int:
    """Send a command under its id until it is accepted; return its position."""
    while True:
        try:
            response = await stub(book, timeout=5, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            if error.code() not in UNSETTLED and not (error.details() or "").startswith(NOT_STORED):
                raise
        else:
            return int(response.position)


async def dies(
    part: Component, deaths: Sequence[str], *, dead: Callable[[], None] = lambda: None
) -> None:
    """Start a component that dies, again on what that left, and at last as one that lives."""
    await part.use(deaths[0]).start()
    for death, following in zip(deaths, (*deaths[1:], NOWHERE), strict=True):
        assert await ended(part, death) == KILLED, f"{death}: {part.output}"
        dead()
        await part.use(following).start()


async def ended(part: Component, death: str) -> int:
    """Return the exit code of a component that is to end by something."""
    try:
        return await part.ended()
    except TimeoutError:
        raise AssertionError(f"{death} was not reached: {part.output}") from None


def handle(channel: grpc.aio.Channel) -> Any:
    """Return the call that gives a command to the coordinator of its domain."""
    return AggregateCoordinatorStub(channel).Handle


class Clients:
    """Clients of one domain, each with a root, and what they were told."""

    def __init__(
        self, address: str, domain: str = "order", *, call: Callable[[Any], Any] = handle
    ) -> None:
        self._address = address
        self._domain = domain
        self._call = call
        self._sent = Counter[int]()
        self.positions: dict[str, int] = {}

    async def run(self, number: int, commands: int) -> None:
        """Send commands to the root of a client, one after the other."""
        async with grpc.aio.insecure_channel(self._address, options=FAST) as channel:
            for _ in range(commands):
                await self._send(channel, number)

    @asynccontextmanager
    async def working(self, count: int) -> AsyncIterator[None]:
        """Let clients work beside the body, and until the last command of each is accepted."""
        done = asyncio.Event()

        async def work(number: int) -> None:
            async with grpc.aio.insecure_channel(self._address, options=FAST) as channel:
                while not done.is_set():
                    await self._send(channel, number)
                    await asyncio.sleep(PACE_SECONDS)

        async with asyncio.TaskGroup() as group:
            for number in range(1, count + 1):
                group.create_task(work(number))
            yield
            done.set()

    async def _send(self, channel: grpc.aio.Channel, number: int) -> None:
        book = command(self._domain, number, self._sent[number])
        self.positions[book.command_id] = await settle(self._call(channel), book)
        self._sent[number] += 1

    async def pages(self) -> list[tuple[int, str]]:
        """Return position and command id of every event."""
        async with grpc.aio.insecure_channel(self._address, options=FAST) as channel:
            feed = EventFeedStub(channel).Read(
                FeedRequest(domain=self._domain), timeout=20, wait_for_ready=True
            )
            return [
                (page.position, page.command_id)
                async for batch in feed
                for book in batch.books
                for page in book.pages
            ]


def command(domain: str, number: int, sequence: int) -> CommandBook:
    """Return a command with an id of its own."""
    id_ = f"c-{number}-{sequence}"
    made = CommandBook.to(
        domain, bytes([number]) * 16, StringValue(value=f"add {id_}"), sequence=sequence
    )
    made.command_id = id_
    return made
