"""The graph of the whole shop over HTTP (operations.md §3)."""

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from angzarr.types_pb2 import ComponentDescriptor, GetDescriptorRequest
from angzarr_descriptor import DESCRIPTOR_METHODS
from angzarr_service import Channels
from angzarr_telemetry import get
from examples import inventory_root
from examples.order_pb2 import CreateOrder, LineItem

from .shop import Shop

KINDS = {"business": "aggregate", "process-manager": "process_manager"}
FAILURES = "angzarr.saga-failures"

pytestmark = pytest.mark.timeout(300)


def graph(shop: Shop, path: str = "/api/graph/data") -> Any:
    """Return what a route answers once the topology is ready."""
    address = f"unix:{shop.directory / 'run'}/topology.sock"
    bodies: list[bytes] = []

    def is_ready() -> bool:
        status, body = shop.run(lambda _: get(address, path, timeout_seconds=10))
        bodies.append(body)
        return status == 200

    shop.until(is_ready)
    return json.loads(bodies[-1])


def edges(shop: Shop, path: str = "/api/graph/data") -> dict[str, Any]:
    """Return the edges of a route by id."""
    return {row["id"]: row for row in graph(shop, path)["edges"]}


def described(shop: Shop) -> dict[str, ComponentDescriptor]:
    """Return what every logic process of the shop says of itself, asked at its socket."""

    async def ask(path: Path) -> ComponentDescriptor:
        service = next(it for it in (*KINDS, "saga", "projector") if path.name.startswith(it))
        method = DESCRIPTOR_METHODS[KINDS.get(service, service)]
        channels = Channels()
        told = await channels.call(
            f"unix:{path}", method, GetDescriptorRequest(), timeout_seconds=10
        )
        await channels.aclose()
        return told

    run = shop.directory / "run"
    paths = [run / f"{name}.sock" for name in logic_sockets(run)]
    told = [shop.run(lambda _, it=path: ask(it)) for path in paths]  # type: ignore[misc]  # a bound path
    return {it.name: it for it in told}


def logic_sockets(run: Path) -> list[str]:
    """Return the names of the sockets that logic serves."""
    ours = ("aggregate-", "coordinator-", "monitor-", "monitoring")
    names = [path.stem for path in run.glob("*-*.sock")]
    return sorted(it for it in names if not it.startswith(ours))


def declared(told: Mapping[str, ComponentDescriptor]) -> dict[str, list[str]]:
    """Return the types of every edge that descriptors declare, by its id."""
    found: dict[str, list[str]] = {}
    for it in told.values():
        for target in it.outputs:
            found[f"{it.name}..{target.domain}"] = list(target.types)
        for source in it.inputs if it.component_type != "aggregate" else ():
            if source.domain != it.name:
                found[f"{source.domain}..{it.name}"] = list(source.types)
    return found


def test_the_graph_is_what_the_logic_says(module_shop: Shop) -> None:
    """Nodes and edges with their types are those of the descriptors, and our own record."""
    told = described(module_shop)
    found = graph(module_shop)

    kinds = {row["title"]: row["subTitle"] for row in found["nodes"]}
    assert kinds == {FAILURES: "aggregate", **{it.name: it.component_type for it in told.values()}}
    types = {row["id"]: json.loads(row["detail__event_types"]) for row in found["edges"]}
    assert types == declared(told)
    assert len(types) >= 9


def test_the_graph_counts_what_a_workflow_does(stocked_shop: Shop) -> None:
    """One order is handled by whoever reads it; what its commands led to counts for their edges."""
    item = LineItem(product_id="S", quantity=1, unit_price_cents=100)
    order = CreateOrder(customer_id="C-1", items=[item])
    before = edges(stocked_shop)
    stocked_shop.run(lambda it: it.send("order", uuid.uuid4(), order))
    stocked_shop.run(lambda it: it.book("inventory", inventory_root("S")))
    ids = ("order..saga-order-inventory", "saga-order-inventory..inventory")

    def grown(rows: Mapping[str, Any]) -> list[int]:
        key = "detail__event_count"
        return [rows[it][key] - before[it][key] for it in ids]

    until(stocked_shop, lambda rows: grown(rows) == [1, 1])
    drift = edges(stocked_shop, "/api/v1/topology")
    assert [drift[it]["detail__observed"] for it in ids] == ["true", "true"]
    assert {row["detail__declared"] for row in drift.values()} == {"true"}


def until(shop: Shop, condition: Callable[[Mapping[str, Any]], object]) -> None:
    """Wait until the edges meet a condition."""
    shop.until(lambda: condition(edges(shop)))
