"""Sixty-four clients on a thousand roots for half a minute."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest

from angzarr.types_pb2 import CommandBook
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock, ReceiveStock
from examples.order_pb2 import ConfirmPayment, CreateOrder, LineItem, SubmitPayment

CLIENTS = 64
ROOTS = 1000
SECONDS = 30
ORDER_COMMANDS = 3
SETTLE_SECONDS = 240
SHARED_PRODUCTS = 50
LIMIT_MIB = 256

pytestmark = pytest.mark.timeout(600)


class Buyer:
    """One order and one product of its own; every command follows the one before."""

    def __init__(self, token: str, number: int) -> None:
        self.order = uuid.uuid4()
        self._shared = f"S-{token}-{number % SHARED_PRODUCTS}"
        self._own = f"O-{token}-{number}"
        self._sent = 0

    def command(self) -> CommandBook:
        """Return the next command: the order's three, then goods that come in."""
        step, self._sent = self._sent, self._sent + 1
        item = LineItem(product_id=self._shared, quantity=1, unit_price_cents=7)
        order = (
            CreateOrder(customer_id="C", items=[item]),
            SubmitPayment(payment_method="card", amount_cents=7),
            ConfirmPayment(payment_reference="P"),
        )
        if step < len(order):
            return CommandBook.to("order", self.order, order[step], sequence=step)
        at = step - len(order)
        goods = ReceiveStock(quantity=1) if at else InitializeStock(product_id=self._own)
        return CommandBook.to("inventory", inventory_root(self._own), goods, sequence=at)


async def buy(gateway: Any, buyers: list[Buyer], until: float) -> int:
    """Send the buyers' commands in turn, an order at least; return how many. None may fail."""
    loop, count = asyncio.get_running_loop(), 0
    while loop.time() < until or count < len(buyers) * ORDER_COMMANDS:
        for buyer in buyers:
            book = buyer.command()
            book.command_id = str(uuid.uuid4())
            await gateway.commands.Execute(book, timeout=30)
            count += 1
    return count


async def effects(gateway: Any, buyers: list[Buyer]) -> None:
    """Wait until every order has its reservation and its shipment."""
    wanted = sorted(buyer.order.hex for buyer in buyers)
    async with asyncio.timeout(SETTLE_SECONDS):
        while True:
            shipments = await gateway.log("fulfillment")
            reserved = await gateway.reserved()
            if len(shipments) >= len(wanted) and len(reserved) >= len(wanted):
                break
            await asyncio.sleep(0.2)
    assert sorted(reserved) == wanted
    assert len(shipments) == len(wanted)


def memory_mib(pid: int) -> float:
    """Return the proportional set size of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def test_many_clients_see_no_error_and_every_effect(own_shop: Any) -> None:
    """No command fails, every saga's effect is there in time, and memory stays bounded."""
    buyers = [Buyer(own_shop.token, number) for number in range(ROOTS)]
    shares = [buyers[client::CLIENTS] for client in range(CLIENTS)]

    async def load(gateway: Any) -> int:
        for number in range(SHARED_PRODUCTS):
            product = f"S-{own_shop.token}-{number}"
            stock = InitializeStock(product_id=product, quantity=100_000)
            await gateway.send("inventory", inventory_root(product), stock)
        until = asyncio.get_running_loop().time() + SECONDS
        async with asyncio.TaskGroup() as group:
            clients = [group.create_task(buy(gateway, share, until)) for share in shares]
        await effects(gateway, buyers)
        return sum(client.result() for client in clients)

    count = own_shop.run(load)

    assert count >= ROOTS * ORDER_COMMANDS
    used = {name: memory_mib(it["pid"]) for name, it in own_shop.processes().items()}
    assert {name: size for name, size in used.items() if size > LIMIT_MIB} == {}
