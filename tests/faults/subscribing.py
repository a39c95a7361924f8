"""Two aggregates and one subscriber as processes, with logic of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from typing_extensions import override

from angzarr.aggregate_pb2_grpc import AggregateCoordinatorStub
from angzarr.types_pb2 import CommandBook, EventBook, Projection, SagaExecuteRequest, SagaResponse

from . import stores
from .adversary import Adversary
from .process import Process, endpoints, until

NAMES = {"saga": "saga-order-stock", "projector": "projector-order"}
ATTEMPTS = 2

Reply = SagaResponse | Projection | bytes
Answer = Callable[[EventBook, Any], Any]


class SubscriberLogic(grpc.GenericRpcHandler):
    """Logic of a saga or projector: good, but for the words that a test gives answers for."""

    def __init__(self, kind: str, path: Path, answers: dict[str, Answer]) -> None:
        self._kind = kind
        self._path = path
        self._answers = answers
        self.seen: list[tuple[bytes, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @override
    def service(self, handler_call_details: Any) -> Any:
        """Return what answers a call."""
        requests: dict[str, Any] = {
            "/angzarr.Saga/Execute": SagaExecuteRequest,
            "/angzarr.Projector/Handle": EventBook,
        }
        request = requests.get(handler_call_details.method)
        is_mine = handler_call_details.method.lower().startswith(f"/angzarr.{self._kind}/")
        if request is None or not is_mine:
            return None
        return grpc.unary_unary_rpc_method_handler(self._handle, request.FromString, _encoded)

    async def start(self) -> None:
        """Serve."""
        self._server = grpc.aio.server(options=[("grpc.max_send_message_length", 64 << 20)])
        self._server.add_generic_rpc_handlers((self,))
        self._server.add_insecure_port(f"unix:{self._path}")
        await self._server.start()

    async def stop(self) -> None:
        """Serve no more."""
        await self._server.stop(None)

    def good(self, book: EventBook) -> Reply:
        """Return one command, or one projection, that says what the event says."""
        event = book.pages[0].event
        if self._kind == "projector":
            return Projection(projection=event)
        command = StringValue.FromString(event.value)
        return SagaResponse(commands=[CommandBook.to("stock", book.cover.root.value, command)])

    async def _handle(self, request: SagaExecuteRequest | EventBook, context: Any) -> Reply:
        book = request.source if isinstance(request, SagaExecuteRequest) else request
        word = StringValue.FromString(book.pages[0].event.value).value
        self.seen.append((book.cover.root.value, word))
        await self.gate.wait()
        if word not in self._answers:
            return self.good(book)
        reply = self._answers[word](book, context)
        return reply if isinstance(reply, Projection | SagaResponse | bytes) else await reply


class Chain:
    """`order` and `stock`, and between them the subscriber of one kind."""

    def __init__(
        self, directory: Path, kind: str, answers: dict[str, Answer], *, bus: str = "ipc"
    ) -> None:
        self.kind, self.name = kind, NAMES[kind]
        self._bus = f"--bus.kind={bus}"
        self.aggregates = [
            Process(directory, "coordinator-aggregate", it, f"--component.domain={it}", self._bus)
            for it in ("order", "stock")
        ]
        self.directory = directory
        self.subscriber = self.another()
        self.logic = SubscriberLogic(kind, self.subscriber.logic, answers)
        self._good = [Adversary(it.logic, is_honest=True) for it in self.aggregates]
        self._sequences: dict[bytes, int] = {}

    def another(self, socket: str = "") -> Process:
        """Return a coordinator of the subscriber, with the same database and another socket."""
        addresses = {it.name: it.address for it in self.aggregates}
        made = Process(
            self.directory,
            f"coordinator-{self.kind}",
            self.name,
            '--component.inputs=["order"]',
            endpoints(addresses),
            self._bus,
            f"--delivery.attempts={ATTEMPTS}",
            "--logic_deadline=1",
        )
        made.address = f"unix:{self.directory / socket}" if socket else made.address
        return made

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run everything beside the body."""
        logics: list[Any] = [*self._good, self.logic]
        for logic in logics:
            await logic.start()
        processes = [*self.aggregates, self.subscriber]
        try:
            for process in processes:
                await process.start()
            yield
        finally:
            for process in processes:
                if process.is_running:
                    await process.end()
            for logic in logics:
                await logic.stop()

    async def order(self, word: str, root: bytes) -> None:
        """Store one event that says a word."""
        sequence = self._sequences.get(root, 0)
        book = CommandBook.to("order", root, StringValue(value=word), sequence=sequence)
        async with grpc.aio.insecure_channel(self.aggregates[0].address) as channel:
            stub = AggregateCoordinatorStub(channel)
            await stub.Handle(book, timeout=20, wait_for_ready=True)
        self._sequences[root] = sequence + 1

    def checkpoint(self) -> tuple[int, int]:
        """Return how far the subscriber is, and under which epoch."""
        if not self.subscriber.database.exists():
            return 0, 0
        lease = stores.lease(self.subscriber.database, self.name, "order")
        return lease.position, lease.epoch

    async def until_done(self) -> None:
        """Wait until the subscriber has applied or parked everything."""
        end = sum(self._sequences.values())

        async def is_done() -> bool:
            return self.checkpoint()[0] == end or not self.subscriber.is_running

        await until(is_done)

    def letters(self) -> list[tuple[bytes, str, int]]:
        """Return root, reason and attempts of everything that is parked, in order."""
        found = stores.backlog(self.subscriber.database, self.name, "order").letters
        ordered = sorted(found, key=lambda it: it.position)
        return [(it.key.root, it.reason, it.attempts) for it in ordered]

    def letters_open(self) -> bool:
        """Say whether a letter holds a root."""
        found = stores.backlog(self.subscriber.database, self.name, "order").letters
        return any(it.is_open for it in found)

    def all_of(self, events: int) -> list[int]:
        """Return the sequences of a root whose so many events have all led to something."""
        return [events - 1] if self.kind == "projector" else list(range(events))

    def effects(self, root: bytes) -> list[int]:
        """Return the sequences of what a root's events have led to."""
        if self.kind == "projector":
            found = stores.rows(self.subscriber.database, stores.PROJECTIONS, self.name, "order")
            return [sequence for _, it, sequence in found if it == root]
        events = stores.dump(self.aggregates[1].database, "stock").events
        return [it.sequence for it in events if it.key.root == root]


def _encoded(reply: Reply) -> bytes:
    return reply if isinstance(reply, bytes) else reply.SerializeToString()
