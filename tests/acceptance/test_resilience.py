"""What survives kill -9, deleted pipes, many clients and the end of the supervisor."""

import asyncio
import json
import signal
import sqlite3
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from angzarr.types_pb2 import CommandBook
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock
from examples.order_pb2 import CreateOrder, LineItem

ORDERS = 500
CLIENTS = 16
PRODUCTS = 10
SETTLE_SECONDS = 240
KINDS = [
    "coordinator-order",
    "coordinator-inventory",
    "coordinator-saga-order-inventory",
    "coordinator-projector-inventory-stock",
    "order",
    "inventory",
    "saga-order-inventory",
    "projector-inventory-stock",
    "gateway",
]

pytestmark = pytest.mark.timeout(600)


class Load:
    """Orders of a few products by several clients; remembers what was acknowledged."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.products = [f"P-{uuid.uuid4().hex[:8]}" for _ in range(PRODUCTS)]
        self.acknowledged: dict[str, int] = {}

    async def stock(self, gateway: Any) -> None:
        """Put every product in stock."""
        for product in self.products:
            command = InitializeStock(product_id=product, quantity=1_000_000)
            await gateway.send("inventory", inventory_root(product), command)

    async def orders(self, gateway: Any, count: int = ORDERS, clients: int = CLIENTS) -> None:
        """Create orders, each under one id until it is acknowledged."""
        numbers = iter(range(count))
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._client(gateway, numbers))

    async def _client(self, gateway: Any, numbers: Iterator[int]) -> None:
        for number in numbers:
            root = uuid.uuid4()
            item = LineItem(product_id=self.products[number % PRODUCTS], quantity=1)
            book = CommandBook.to("order", root, CreateOrder(customer_id="C", items=[item]))
            book.command_id = str(uuid.uuid4())
            response = await gateway.settle(book)
            self.acknowledged[root.hex] = response.position

    async def effects(self, gateway: Any) -> list[str]:
        """Wait until as many orders as were acknowledged have reserved; return their ids."""
        found: list[str] = []
        async with asyncio.timeout(SETTLE_SECONDS):
            while len(found) < len(self.acknowledged):
                found = [it for it in await gateway.reserved() if it in self.acknowledged]
                await asyncio.sleep(0.1)
        return found

    def projected(self) -> int:
        """Return the units that the read model shows as reserved."""
        database = self.shop.home / ".angzarr/stock.db"
        marks = ", ".join("?" * PRODUCTS)
        query = f"SELECT sum(reserved) FROM stock WHERE product_id IN ({marks})"  # noqa: S608 - marks
        with sqlite3.connect(database) as connection:
            return int(connection.execute(query, self.products).fetchone()[0] or 0)

    def check(self) -> None:
        """Expect every order once in the log, once in the stock, once in the read model."""
        effects = self.shop.run(self.effects)
        pages = self.shop.run(lambda it: it.log("order"))

        assert [page.position for page in pages] == list(range(1, len(pages) + 1))
        assert set(self.acknowledged.values()) <= {page.position for page in pages}
        assert len(set(self.acknowledged.values())) == len(self.acknowledged)
        assert sorted(effects) == sorted(self.acknowledged)
        self.shop.until(lambda: self.projected() == len(self.acknowledged))


@pytest.mark.parametrize("name", KINDS)
def test_a_killed_process_loses_and_repeats_nothing(module_shop: Any, name: str) -> None:
    """Kill -9 of any process during 500 orders: everything acknowledged is there, once."""
    shop, load = module_shop, Load(module_shop)
    shop.run(load.stock)

    async def under_fire(gateway: Any) -> None:
        async with asyncio.TaskGroup() as group:
            ordering = group.create_task(load.orders(gateway))
            await asyncio.to_thread(shop.until, lambda: len(load.acknowledged) >= ORDERS // 4)
            await asyncio.to_thread(shop.kill, name)
            await ordering

    shop.run(under_fire)

    assert len(load.acknowledged) == ORDERS
    load.check()


def test_a_paused_saga_stays_so_until_it_goes_on(module_shop: Any) -> None:
    """Over kill -9 too; then it does what came meanwhile."""
    shop, load, name = module_shop, Load(module_shop), "saga-order-inventory"
    shop.run(load.stock)
    assert shop.angzarr("subscriber", "pause", name)[0] == 0
    shop.kill(f"coordinator-{name}")
    shop.run(lambda it: load.orders(it, 20, 4))
    code, out, err = shop.angzarr("-o", "json", "subscriber", "show", name)
    (entry,) = json.loads(out)["items"]
    reserved = shop.run(lambda it: it.reserved())

    assert (code, err, entry["paused"]) == (0, "", True)
    assert int(entry["lag"]) >= len(load.acknowledged)
    assert not {*reserved} & {*load.acknowledged}
    assert shop.angzarr("subscriber", "resume", name)[0] == 0
    load.check()


def test_deleted_pipes_delay_and_lose_nothing(module_shop: Any) -> None:
    """Every pipe of the bus is removed again and again while orders come in."""
    shop, load = module_shop, Load(module_shop)
    shop.run(load.stock)
    removed = 0

    async def under_fire(gateway: Any) -> None:
        nonlocal removed
        async with asyncio.TaskGroup() as group:
            ordering = group.create_task(load.orders(gateway))
            while not ordering.done():
                removed += await asyncio.to_thread(shop.remove_pipes)
                await asyncio.sleep(0.2)

    shop.run(under_fire)

    assert removed > 0
    load.check()


def test_a_killed_supervisor_leaves_nobody_behind(own_shop: Any) -> None:
    """After kill -9 of the supervisor every process ends, and the next start is clean."""
    load = Load(own_shop)
    own_shop.run(load.stock)
    own_shop.run(lambda it: load.orders(it, 20, 4))
    supervisor = own_shop.supervisor
    own_shop.supervisor = None
    supervisor.kill()
    supervisor.wait()
    own_shop.until(lambda: not own_shop.survivors())
    own_shop.start()

    load.check()


def test_ctrl_c_leaves_nothing(own_shop: Any) -> None:
    """No process, socket, pipe or lock is left, and the exit code is 0."""
    code = own_shop.stop()

    assert code == 0
    assert own_shop.survivors() == []
    assert not (own_shop.directory / "run").exists()


def test_a_second_supervisor_is_refused(own_shop: Any) -> None:
    """It names the process that runs the project."""
    pid = own_shop.supervisor.pid
    second, text = own_shop.run_in_vain()

    assert second == 2
    assert f"already running as process {pid}" in text


def test_a_stopped_process_is_replaced(own_shop: Any) -> None:
    """SIGTERM of one process from outside is a death like any other: it runs again."""
    before = own_shop.processes()["gateway"]["pid"]
    own_shop.signal("gateway", signal.SIGTERM)
    end = time.monotonic() + 20
    while own_shop.processes()["gateway"]["pid"] in {before, 0}:
        assert time.monotonic() < end
        time.sleep(0.05)

    load = Load(own_shop)
    own_shop.run(load.stock)
    own_shop.run(lambda it: load.orders(it, 5, 1))
    load.check()
