"""A branch of history, made, written, compared and deleted by the command line."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from angzarr.feed_pb2 import FeedRequest
from angzarr.feed_pb2_grpc import EventFeedStub
from examples import inventory_root

Cli = Callable[..., tuple[int, str, str]]
DOMAINS = ("order", "inventory", "fulfillment", "order-fulfillment")

scenarios("journeys/what-if.feature")

pytestmark = pytest.mark.timeout(300)


@dataclass
class Story:
    """One order, its product, and what main held when the branch was made."""

    order: str = field(default_factory=lambda: f"order/{uuid.uuid4()}")
    product: str = field(default_factory=lambda: f"P-{uuid.uuid4().hex[:8]}")
    main: list[bytes] = field(default_factory=list)

    @property
    def stock(self) -> str:
        """Return the root of the product's stock."""
        return f"inventory/{inventory_root(self.product)}"


@pytest.fixture
def story() -> Story:
    """Return a new order."""
    return Story()


def state(cli: Cli, root: str, *where: str) -> dict[str, Any]:
    """Return what the events of a root add up to."""
    code, out, err = cli("-o", "json", *where, "state", root)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)["state"]
    return found


def send(cli: Cli, root: str, command: str, data: dict[str, Any], *where: str) -> None:
    """Send a command."""
    code, _, err = cli(*where, "send", root, command, "-d", json.dumps(data))
    assert code == 0, err


def main_of(shop: Any) -> list[bytes]:
    """Return every append of main, domain by domain, as it travels."""
    found: list[bytes] = []
    with grpc.insecure_channel(shop.endpoint) as channel:
        feed = EventFeedStub(channel)
        for domain in DOMAINS:
            request = FeedRequest(domain=domain, editions=["angzarr"])
            for batch in feed.Read(request, timeout=30):
                found += [book.SerializeToString(deterministic=True) for book in batch.books]
    return found


@given(parsers.parse("an order of {quantity:d} out of {stock:d} that was paid and completed"))
def completed(cli: Cli, module_shop: Any, story: Story, quantity: int, stock: int) -> None:
    """Order, pay, and wait until the stock is spoken for."""
    send(cli, story.stock, "InitializeStock", {"product_id": story.product, "quantity": stock})
    item = {"product_id": story.product, "quantity": quantity, "unit_price_cents": 500}
    send(cli, story.order, "CreateOrder", {"customer_id": "C-1", "items": [item]})
    module_shop.until(lambda: state(cli, story.stock).get("reservations"))
    payment = {"payment_method": "card", "amount_cents": 500 * quantity}
    send(cli, story.order, "SubmitPayment", payment)
    send(cli, story.order, "ConfirmPayment", {"payment_reference": "P-1"})
    shipment = f"fulfillment/{story.order.partition('/')[2]}"
    module_shop.until(lambda: cli("state", shipment)[0] == 0)


@when(parsers.parse('the operator branches "{name}" off behind the payment'))
def branched(cli: Cli, module_shop: Any, story: Story, name: str) -> None:
    """Leave main behind the second event of every root."""
    module_shop.until(lambda: settled(module_shop, story))
    code, out, err = cli("edition", "create", name, "--at", "1", "--description", "try")
    assert code == 0, err
    assert out.startswith(f"created  {name}  ")


def settled(shop: Any, story: Story) -> bool:
    """Say whether main has come to rest; remember it."""
    before, story.main = story.main, main_of(shop)
    return before == story.main


@when(parsers.parse('the customer cancels the order on "{name}" because "{reason}"'))
def cancelled(cli: Cli, story: Story, name: str, reason: str) -> None:
    """Cancel it there."""
    send(cli, story.order, "CancelOrder", {"reason": reason}, "--edition", name)


@when(parsers.parse('the operator deletes "{name}"'))
def deleted(cli: Cli, name: str) -> None:
    """Without a terminal a deletion must be meant."""
    assert cli("edition", "drop", name)[0] == 2
    assert cli("edition", "drop", name, "--yes")[:2] == (0, f"deleted  {name}\n")


@then(parsers.parse('the order is "{there}" on "{name}" and "{here}" on main'))
def differs(cli: Cli, story: Story, there: str, name: str, here: str) -> None:
    """Each timeline tells its own."""
    assert state(cli, story.order, "--edition", name)["status"] == there
    assert state(cli, story.order)["status"] == here


@then(parsers.parse('the stock on "{name}" has nothing reserved'))
def released(cli: Cli, module_shop: Any, story: Story, name: str) -> None:
    """The saga follows the branch, and stays in it."""
    where = ("--edition", name)
    module_shop.until(lambda: not state(cli, story.stock, *where).get("reservations"))
    assert state(cli, story.stock)["reservations"]


@then("main is byte for byte what it was")
def untouched(module_shop: Any, story: Story) -> None:
    """Every append of every domain."""
    assert main_of(module_shop) == story.main
    assert len(story.main) > 4


@then(parsers.parse('the comparison shows "{here}" on main and "{there}" on "{name}"'))
def compared(cli: Cli, story: Story, here: str, there: str, name: str) -> None:
    """With the states that the events lead to; exit code 10 says that there is a difference."""
    code, out, _ = cli("edition", "diff", "main", name)
    begins = f"{story.order[:14]}  diverged after seq 1\n"
    block = out[out.index(begins) :].split("\n")

    assert code == 10
    assert block[1].split()[:4] == ["main", "seq", "2", here]
    assert 'status "completed"' in block[1]
    assert block[2].split()[:4] == [name, "seq", "2", there]
    assert 'status "cancelled"' in block[2]
    assert cli("edition", "diff", name, name)[:2] == (0, "")


@then(parsers.parse('"{name}" is not listed and can neither be read nor made again'))
def gone(cli: Cli, story: Story, name: str) -> None:
    """The name is spent."""
    listed = json.loads(cli("-o", "json", "edition", "list")[1])["items"]
    assert name not in {it["name"] for it in listed}
    spent = f"Edition {name} was deleted"
    assert spent in cli("--edition", name, "state", story.order)[2]
    assert spent in cli("edition", "create", name)[2]
