"""A gateway, whoever runs it, and what tests ask of it."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.gateway_pb2_grpc import CommandGatewayStub, EventStreamStub
from angzarr.query_pb2_grpc import EventQueryStub
from angzarr.types_pb2 import CommandBook, CommandResponse, Cover, EventBook, EventPage, Query
from examples.inventory_pb2 import StockReserved

ResultT = TypeVar("ResultT")
FAST = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
]

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
        self.streams = EventStreamStub(channel)

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

    async def until_events(self, correlation_id: str = "order-1", *, count: int) -> None:
        """Wait until a workflow has led to so many events, at most a minute."""
        async with asyncio.timeout(60):
            while True:
                if len(await self.workflow(correlation_id)) >= count:
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
