"""Every metric that is declared moves in a running shop (reliability.md N53)."""

import asyncio
import importlib
import json
import pkgutil
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import grpc
import pytest
from google.protobuf.message import Message

from angzarr.feed_pb2 import FeedRequest
from angzarr.types_pb2 import CommandBook, SyncCommandBook, SyncMode
from angzarr_doctor._overview import WORK
from angzarr_ports import Metric, MetricKind
from angzarr_telemetry import samples_of
from examples import inventory_root
from examples.inventory_pb2 import InitializeStock
from examples.order_pb2 import CancelOrder, ConfirmPayment, CreateOrder, LineItem, SubmitPayment

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
UNMOVED = Path(__file__).with_name("unmoved.txt")

pytestmark = pytest.mark.timeout(300)


def declared() -> dict[str, Metric]:
    """Return every metric that is a constant of a module of ours."""
    found: dict[str, Metric] = {}
    for folder in sorted(ROOT.glob("packages/*/src/angzarr_*")):
        package = importlib.import_module(folder.name)
        for module in pkgutil.iter_modules(package.__path__):
            if module.name != "_guard":
                values = vars(importlib.import_module(f"{folder.name}.{module.name}")).values()
                found |= {it.name: it for it in values if isinstance(it, Metric)}
    return found


def excepted() -> dict[str, str]:
    """Return what need not move, with the reason."""
    lines = UNMOVED.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


class Metrics:
    """What the shop has shown so far."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.moved: set[str] = set()

    def scrape(self) -> Iterator[str]:
        """Yield the name of every series that is not zero."""
        status = json.loads((self.shop.directory / "run/status.json").read_text(encoding="utf-8"))
        with urlopen(f"http://{status['monitoring']}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        for sample in samples_of(text):
            if sample.value:
                yield sample.name

    def look(self, wanted: dict[str, Metric]) -> set[str]:
        """Return the metrics that have not moved yet."""
        self.moved |= set(self.scrape())
        return {name for name, it in wanted.items() if self.series(it) not in self.moved}

    @staticmethod
    def series(metric: Metric) -> str:
        return metric.name + "_count" * (metric.kind is MetricKind.HISTOGRAM)


class Orders:
    """Commands to one order of one product."""

    def __init__(self) -> None:
        self.product = f"P-{uuid.uuid4().hex[:8]}"
        self.root = uuid.uuid4()

    async def stock(self, gateway: Any) -> None:
        """Put the product in stock, and wait until the projector shows it."""
        command = InitializeStock(product_id=self.product, quantity=100)
        book = CommandBook.to("inventory", inventory_root(self.product), command)
        request = SyncCommandBook(command=book, sync_mode=SyncMode.SYNC_MODE_SIMPLE)
        await gateway.commands.ExecuteSync(request, timeout=60, wait_for_ready=True)

    async def complete(self, gateway: Any) -> None:
        """Send what completes the order, the first command twice."""
        item = LineItem(product_id=self.product, quantity=1, unit_price_cents=100)
        book = self._book(CreateOrder(customer_id="C-1", items=[item]), 0)
        await gateway.settle(book)
        await gateway.settle(book)
        await gateway.settle(self._book(SubmitPayment(payment_method="card", amount_cents=100), 1))
        await gateway.settle(self._book(ConfirmPayment(payment_reference="P-1"), 2))

    async def err(self, gateway: Any) -> None:
        """Send what logic rejects, and what expects another sequence."""
        for wrong in (self._book(CancelOrder(), 3), self._book(CancelOrder(reason="x"), 9)):
            with pytest.raises(grpc.aio.AioRpcError):
                await gateway.commands.Execute(wrong, timeout=60)

    def _book(self, command: Message, sequence: int) -> CommandBook:
        book = CommandBook.to("order", self.root, command, sequence=sequence)
        book.command_id = str(uuid.uuid4())
        return book


async def until_moved(gateway: Any, look: Callable[[], set[str]]) -> set[str]:
    """Look for two minutes, with a call in flight each time; return what has not moved."""
    end, missing = time.monotonic() + SECONDS, {""}
    while missing and time.monotonic() < end:
        request = FeedRequest(domain="order", follow=True)
        following = gateway.feeds.Read(request, timeout=60, wait_for_ready=True)
        with suppress(grpc.aio.AioRpcError):
            await following.read()
        missing = await asyncio.to_thread(look)
        following.cancel()
        await asyncio.sleep(0.2)
    return missing


def test_every_metric_moves(hasty_shop: Any) -> None:
    """Orders, mistakes, two coordinators that hang until they are killed, a gateway that stood."""
    exceptions, found = excepted(), declared()
    assert set(exceptions) <= set(found)
    wanted = {name: it for name, it in found.items() if name not in exceptions}
    metrics, orders = Metrics(hasty_shop), Orders()

    hasty_shop.run(orders.stock)
    metrics.look(wanted)
    for name in ("coordinator-inventory", "coordinator-fulfillment"):
        hasty_shop.signal(name, signal.SIGSTOP)
    hasty_shop.run(orders.complete)
    hasty_shop.run(orders.err)
    hasty_shop.signal("gateway", signal.SIGSTOP)
    metrics.look(wanted)
    hasty_shop.signal("gateway", signal.SIGCONT)
    missing = hasty_shop.run(lambda gateway: until_moved(gateway, lambda: metrics.look(wanted)))

    assert missing == set()


def test_what_the_overview_counts_is_measured() -> None:
    """The rate of a component is read from series that exist."""
    series = {Metrics.series(it) for it in declared().values()}

    assert series >= WORK
