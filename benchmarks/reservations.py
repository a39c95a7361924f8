"""Stock for the products, and the reservations that sagas make for orders."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from orders import Orders

from angzarr.feed_pb2 import FeedRequest, HeadRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from angzarr.gateway_pb2_grpc import CommandGatewayStub
from angzarr.types_pb2 import CommandBook
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock, StockReserved

DOMAIN = "inventory"
QUANTITY = 1_000_000
TIMEOUT_SECONDS = 30.0
STALLED_SECONDS = 30.0
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the sagas did: seconds after the last acknowledgement, orders without and with two."""

    settle_seconds: float
    missing: int
    repeated: int


class Reservations:
    """Reads the events of the stock that come after it was made."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._commands = CommandGatewayStub(channel)
        self._feeds = EventFeedStub(channel)
        self._position = 0
        self._reserved: Counter[str] = Counter()

    async def stock(self, products: Sequence[str]) -> None:
        """Put new products in stock, and read from there on."""
        for product in products:
            command = InitializeStock(product_id=product, quantity=QUANTITY)
            book = CommandBook.to(DOMAIN, inventory_root(product), command)
            book.command_id = str(uuid.uuid4())
            await self._commands.Execute(book, timeout=TIMEOUT_SECONDS, wait_for_ready=True)
        head = await self._feeds.Head(HeadRequest(domain=DOMAIN), timeout=TIMEOUT_SECONDS)
        self._position = head.position

    async def settle(self, orders: Orders) -> Settled:
        """Wait until every acknowledged order has reserved, or nothing comes any more."""
        expected = set(orders.acknowledged)
        progress = time.perf_counter()
        while missing := expected - self._reserved.keys():
            if await self._read():
                progress = time.perf_counter()
            elif time.perf_counter() - progress > STALLED_SECONDS:
                break
            else:
                await asyncio.sleep(LOOK_SECONDS)
        return Settled(
            settle_seconds=round(time.perf_counter() - orders.acknowledged_at, 3),
            missing=len(missing),
            repeated=sum(count > 1 for count in self._reserved.values()),
        )

    async def _read(self) -> bool:
        """Read to the head; say whether there was anything."""
        before = self._position
        request = FeedRequest(domain=DOMAIN, after_position=before)
        async for batch in self._feeds.Read(request, timeout=TIMEOUT_SECONDS):
            self._position = batch.last_position
            for page in (page for book in batch.books for page in book.pages):
                event = StockReserved()
                if page.event.Unpack(event):
                    self._reserved[event.order_id] += 1
        return self._position > before
