"""Orders that a client creates, and which of them were acknowledged."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import grpc

from angzarr.types_pb2 import CommandBook
from examples.order_pb2 import CreateOrder, LineItem

if TYPE_CHECKING:
    from angzarr.gateway_pb2_grpc import CommandGatewayAsyncStub

TIMEOUT_SECONDS = 30.0


class Orders:
    """Creates orders of one unit, of each product in turn."""

    def __init__(self, commands: "CommandGatewayAsyncStub", products: Sequence[str]) -> None:
        self.acknowledged: list[str] = []
        self.acknowledged_at = 0.0
        self.failures: Counter[str] = Counter()
        self._commands = commands
        self._products = products
        self._turn = 0

    async def create(self) -> bool:
        """Create an order once; say whether it was acknowledged."""
        self._turn += 1
        product = self._products[self._turn % len(self._products)]
        item = LineItem(product_id=product, quantity=1, unit_price_cents=100)
        root = uuid.uuid4()
        book = CommandBook.to("order", root, CreateOrder(customer_id="C-1", items=[item]))
        book.command_id = str(uuid.uuid4())
        try:
            await self._commands.Execute(book, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            self.failures[f"{error.code().name}: {error.details()}"] += 1
            return False
        self.acknowledged.append(root.hex)
        self.acknowledged_at = time.perf_counter()
        return True
