"""What one customer does, and what comes of it."""

import asyncio
import uuid
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from angzarr.types_pb2 import EventBook
from examples.order_pb2 import CreateOrder, LineItem

DEADLINE_SECONDS = 60


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
