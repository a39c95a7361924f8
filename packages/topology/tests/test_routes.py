"""The graph over HTTP, as both of its readers need it (operations.md §3)."""

import asyncio
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from angzarr import reaction_command_id
from angzarr.progress_pb2 import ComponentProgress
from angzarr.types_pb2 import ComponentDescriptor, Target
from angzarr_descriptor import tell
from angzarr_telemetry import get

from .conftest import book
from .contract import VIEW_EDGES, VIEW_NODES, violations, violations_of_fields

DATA, VIEW = "/api/graph/data", "/api/v1/topology"
INTO, OUT = "order..saga-order-stock", "saga-order-stock..stock"


def rows(answer: Any) -> dict[str, dict[str, Any]]:
    """Return nodes and edges by id."""
    return {row["id"]: row for row in (*answer["nodes"], *answer["edges"])}


def handled(position: int, *, head: int = 0, parked: int = 0) -> ComponentProgress:
    """Return how far the saga has come."""
    return ComponentProgress(
        component="saga-order-stock",
        domain="order",
        position=position,
        head=head or position,
        parked=parked,
    )


def keys(fields: Any, frame: str) -> set[str]:
    """Return the declared keys of a frame."""
    return {row["field_name"] for row in fields[frame]}


@pytest.mark.parametrize("prefix", ["", "/nodegraphds"])
async def test_every_route_keeps_the_contract(world: Any, prefix: str) -> None:
    """Keys as declared, ids as allowed, no edge to nowhere, arcs that sum to 1; from the start."""
    fields = await world.ask(f"{prefix}/api/graph/fields")
    data, view = await world.ask(f"{prefix}{DATA}"), await world.ask(f"{prefix}{VIEW}?edition=")

    assert violations_of_fields(fields) == set()
    assert violations(data, keys(fields, "nodes_fields"), keys(fields, "edges_fields")) == set()
    assert violations(view, VIEW_NODES, VIEW_EDGES) == set()
    assert await world.ask(f"{prefix}/api/health") is None
    assert {"Gateway", "Stream"} <= rows(view).keys()


def _missing(view: Any) -> None:
    view["nodes"] = [row for row in view["nodes"] if row["id"] != "order"]


def _twice(view: Any) -> None:
    view["edges"].insert(0, dict(view["edges"][0]))


def _arcs(view: Any) -> None:
    view["nodes"][0]["arc__idle"] = 0.5


def _key(view: Any) -> None:
    view["nodes"][0]["fixedx"] = "1"


def _name(view: Any) -> None:
    view["nodes"][0]["id"] = "a b"


def _merged(view: Any) -> None:
    view["edges"][0]["id"] = "order-stock"


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (_missing, "edge names a missing node"),
        (_twice, "edges id twice"),
        (_arcs, "arcs do not sum to 1"),
        (_key, "keys that are not declared"),
        (_name, "nodes id with other characters"),
        (_merged, "edge id is not that of its ends"),
    ],
)
async def test_the_check_sees_what_breaks_a_reader(
    world: Any, plant: Callable[[Any], None], found: str
) -> None:
    """Each violation that is planted into a good answer is told."""
    view = copy.deepcopy(await world.ask(VIEW))
    plant(view)

    assert found in violations(view, VIEW_NODES, VIEW_EDGES)


async def test_n50_only_handled_events_count(world: Any) -> None:
    """A descriptor counts nothing; an event counts for an edge once its subscriber is past it."""
    world.system.tasks.start("told", tell(world.bus, world.system, SAGA))
    world.logs.books["order"] += [book("order", it) for it in (1, 2)]
    world.logs.books["order"].append(book("order", 3, type_name="test.ReCreated"))
    world.logs.progress = [handled(1, head=3)]
    first = await world.until(DATA, lambda it: rows(it)[INTO]["detail__event_count"] == 1)
    lag = rows(await world.ask(VIEW))["saga-order-stock"]["detail__lag"]
    world.logs.progress = [handled(3)]
    then = await world.until(DATA, lambda it: rows(it)[INTO]["detail__event_count"] == 2)

    assert rows(first)["order"]["mainStat"] == "3 processed"
    assert (lag, rows(then)["saga-order-stock"]["mainStat"]) == ("2", "2 processed")
    edge = rows(then)[INTO]
    assert (edge["mainStat"], edge["secondaryStat"], edge["color"]) == (
        "2 events",
        "Created",
        "green",
    )
    assert edge["detail__event_types"] == '["test.Created"]'
    assert edge["detail__last_seen"] == "2023-11-14T22:13:20Z"
    assert edge["detail__last_correlation_id"] == "flow"


@pytest.mark.parametrize("effect_first", [True, False])
async def test_a_command_counts_by_the_events_it_led_to(world: Any, *, effect_first: bool) -> None:
    """They carry the id that is derived from the event the saga reacted to; in either order."""
    source = ("order", "angzarr", (1).to_bytes(16, "big"), 0)
    caused = book("stock", 1, command_id=reaction_command_id("saga-order-stock", source, 0))
    order = [("stock", caused), ("order", book("order", 1))]
    for domain, it in order if effect_first else reversed(order):
        world.logs.books[domain].append(it)
        await world.until(DATA, lambda found, it=domain: rows(found)[it]["detail__event_count"])

    found = rows(await world.until(VIEW, lambda it: rows(it)[OUT]["detail__observed"] == "true"))
    out, into = found[OUT], found[INTO]
    assert (out["strokedasharray"], out["secondarystat"]) == ("", "Reserve (+1 more)")
    assert (out["color"], out["detail__declared"]) == ("#73BF69", "true")
    assert (into["color"], into["strokedasharray"], into["detail__observed"]) == (
        "#999999",
        "5 5",
        "false",
    )


async def test_drift_is_seen(world: Any) -> None:
    """What is observed although no descriptor declares it has a colour of its own."""
    silent = ComponentDescriptor()
    silent.CopyFrom(SAGA)
    del silent.outputs[:]
    world.system.tasks.start("told", tell(world.bus, world.system, silent))
    await world.until(VIEW, lambda it: OUT not in rows(it))
    source = ("order", "angzarr", (1).to_bytes(16, "big"), 0)
    id_ = reaction_command_id("saga-order-stock", source, 0)
    world.logs.books["order"].append(book("order", 1))
    world.logs.books["stock"].append(book("stock", 1, command_id=id_))

    out = rows(await world.until(VIEW, lambda it: OUT in rows(it)))[OUT]

    assert (out["color"], out["detail__declared"], out["secondarystat"]) == (
        "#B877D9",
        "false",
        "commands",
    )


async def test_parked_events_are_seen(world: Any) -> None:
    """The edge and the node of a subscriber with letters are red."""
    world.logs.progress = [handled(0, parked=2)]
    view = rows(
        await world.until(VIEW, lambda it: rows(it)["saga-order-stock"]["detail__parked"] == "2")
    )

    assert view[INTO]["color"] == "#F2495C"
    assert view["saga-order-stock"]["arc__error"] == 1
    assert rows(await world.ask(DATA))[INTO]["color"] == "red"


async def test_traffic_is_told_for_an_edition_and_a_window(world: Any) -> None:
    """A rate is that of the window; another edition has none; a window without meaning is usual."""
    world.logs.books["order"] += [book("order", it) for it in range(1, 121)]
    await world.until(DATA, lambda it: rows(it)["order"]["detail__event_count"] == 120)

    shown = [
        rows(await world.ask(f"{VIEW}?{query}"))["order"]["mainstat"]
        for query in ("", "window=2m", "window=x&unknown=1", "edition=angzarr", "edition=what-if")
    ]

    assert shown == ["2.0/s", "1.0/s", "2.0/s", "2.0/s", "0/s"]


async def test_a_component_that_tells_more_is_a_new_node(world: Any) -> None:
    """A descriptor over the bus adds a component; a name that is none gets a digest as its id."""
    told = ComponentDescriptor(
        name="a.projector", component_type="projector", inputs=[Target(domain="*")]
    )
    world.system.tasks.start("told", tell(world.bus, world.system, told))

    found = await world.until(VIEW, lambda it: len(it["nodes"]) == 6)

    (row,) = [it for it in found["nodes"] if it["title"] == "a.projector"]
    assert row["id"].startswith("X-")
    assert [it["source"] for it in found["edges"] if it["target"] == row["id"]] == [
        "order",
        "stock",
    ]
    assert violations(found, VIEW_NODES, VIEW_EDGES) == set()


async def test_nothing_else_is_served(world: Any) -> None:
    """Other paths are not there."""
    assert (await get(world.address, "/api/v1/other", timeout_seconds=5))[0] == 404


SAGA = ComponentDescriptor(
    name="saga-order-stock",
    component_type="saga",
    inputs=[Target(domain="order", types=["test.Created"])],
    outputs=[Target(domain="stock", types=["test.Reserve", "test.Release"])],
)


async def test_changes_are_sent_as_they_come(world: Any) -> None:
    """First every row, then only those that changed; the stream ends with the process."""
    reader, writer = await asyncio.open_unix_connection(world.address.removeprefix("unix:"))
    writer.write(f"GET {VIEW}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    whole = await next_rows(reader)
    world.logs.books["order"].append(book("order", 1))
    changed = await next_rows(reader)
    world.stop.set()
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()

    assert b"Content-Type: text/event-stream\r\n" in head
    assert b"Content-Length" not in head
    assert violations(whole, VIEW_NODES, VIEW_EDGES) == set()
    assert [row["id"] for row in changed["nodes"]] == ["order"]
    assert (changed["edges"], changed["gone"]) == ([], [])


async def next_rows(reader: asyncio.StreamReader) -> Any:
    """Return the data of the next event; comments are left out."""
    async with asyncio.timeout(10):
        while True:
            line = await reader.readline()
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: "))
