"""Components as single processes with faults, beside logic in the test's own process."""

import sys
from collections.abc import AsyncIterator
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
UNSETTLED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 50),
    ("grpc.use_local_subchannel_pool", 1),
]
NOWHERE = "kill:nowhere:1"


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
            if error.code() not in UNSETTLED:
                raise
        else:
            return int(response.position)


class Clients:
    """Four clients of one domain, each with a root, and what they were told."""

    def __init__(self, address: str, domain: str = "order") -> None:
        self._address = address
        self._domain = domain
        self.positions: dict[str, int] = {}

    async def run(self, number: int, commands: int) -> None:
        """Send commands to the root of a client, one after the other."""
        async with grpc.aio.insecure_channel(self._address, options=FAST) as channel:
            stub = AggregateCoordinatorStub(channel).Handle
            for sequence in range(commands):
                book = command(self._domain, number, sequence)
                self.positions[book.command_id] = await settle(stub, book)

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
