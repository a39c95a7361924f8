"""What a workflow did and how far everybody has come, as the command tells it."""

import json
import uuid
from collections.abc import Callable

import pytest

from examples.order_pb2 import CreateOrder, LineItem

from .shop import Shop

Cli = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.timeout(300)


def test_a_workflow_is_traced(cli: Cli, stocked_shop: Shop) -> None:
    """Below the order's event stands the saga, with the reservation that it led to."""
    flow = f"flow-{uuid.uuid4().hex[:8]}"
    item = LineItem(product_id="S", quantity=1, unit_price_cents=100)
    order = CreateOrder(customer_id="C-1", items=[item])
    stocked_shop.run(lambda it: it.send("order", uuid.uuid4(), order, tag=flow))
    stocked_shop.run(lambda it: it.until_events(flow, count=3))

    lines = [line.split() for line in cli("trace", flow)[1].splitlines()]
    found = json.loads(cli("-o", "json", "trace", flow)[1])["items"]
    missing = cli("trace", f"no-{flow}")

    assert lines[1][:2] == ["[E]", "OrderCreated"]
    assert ["[S]", "saga-order-inventory"] in lines
    assert ["[M]", "order-fulfillment"] in lines
    reserved = next(it for it in found if it["type"].endswith("StockReserved"))
    assert reserved["because"]["domain"] == "order"
    assert (missing[0], "angzarr stream tail" in missing[2]) == (3, True)


def test_subscribers_are_listed(cli: Cli) -> None:
    """Every subscription of the shop with its position and the head of its log."""
    rows = [line.split("\t") for line in cli("subscriber", "list")[1].splitlines()]
    shown = json.loads(cli("-o", "json", "subscriber", "show", "projector-inventory-stock")[1])
    nobody = cli("subscriber", "show", "nobody")

    assert {row[0] for row in rows} >= {"saga-order-inventory", "order-fulfillment"}
    assert {len(row) for row in rows} == {8}
    assert [it["domain"] for it in shown["items"]] == ["inventory"]
    assert (nobody[0], "No component: nobody" in nobody[2]) == (3, True)


def test_drift_is_none(cli: Cli) -> None:
    """Everything that was observed is declared."""
    edges = json.loads(cli("topology", "-o", "json")[1])["edges"]

    assert {it["declared"] for it in edges} == {True}
    assert {it["source"] for it in edges} >= {"order", "saga-order-inventory"}
