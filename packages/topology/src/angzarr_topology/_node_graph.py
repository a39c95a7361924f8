"""The graph as the node-graph plugin reads it: hamedkarbasi93-nodegraphapi-datasource."""

import json
import math
from typing import Any

from angzarr_topology._graph import Component, Edge, Graph
from angzarr_topology._names import color_of, edge_id, id_of, short, summary, time_of

THICKEST = 5.0
NODES = (
    ("id", "string", "Id"),
    ("title", "string", "Component"),
    ("subTitle", "string", "Kind"),
    ("mainStat", "string", "Processed"),
    ("secondaryStat", "string", "Last event"),
    ("color", "string", "Color"),
    ("detail__component_type", "string", "Component type"),
    ("detail__domain", "string", "Domain"),
    ("detail__event_count", "number", "Event count"),
    ("detail__last_event_type", "string", "Last event type"),
    ("detail__last_seen", "string", "Last seen"),
)
EDGES = (
    ("id", "string", "Id"),
    ("source", "string", "Source"),
    ("target", "string", "Target"),
    ("mainStat", "string", "Events"),
    ("secondaryStat", "string", "Types"),
    ("detail__event_count", "number", "Event count"),
    ("detail__event_types", "string", "Event types"),
    ("detail__last_correlation_id", "string", "Last correlation id"),
    ("detail__last_seen", "string", "Last seen"),
    ("color", "string", "Color"),
    ("thickness", "number", "Thickness"),
)


def fields() -> dict[str, Any]:
    """Return which keys a row has, their names and types."""
    return {
        f"{what}_fields": [
            {"field_name": key, "displayName": name, "type": kind} for key, kind, name in rows
        ]
        for what, rows in (("nodes", NODES), ("edges", EDGES))
    }


def data(graph: Graph) -> dict[str, Any]:
    """Return the rows, each kind by id."""
    nodes = [_node(graph, it) for it in graph.components()]
    edges = [_edge(it) for it in graph.edges()]
    return {
        "nodes": sorted(nodes, key=lambda row: str(row["id"])),
        "edges": sorted(edges, key=lambda row: str(row["id"])),
    }


def thickness(count: int) -> float:
    """Return how thick an edge is that so many events passed."""
    return min(THICKEST, 1 + math.log(max(count, 1)))


def _node(graph: Graph, it: Component) -> dict[str, Any]:
    traffic = graph.traffic(it.name)
    count, last = traffic.total(""), traffic.last.type_name if traffic.last else ""
    return {
        "id": id_of(it.name),
        "title": it.name,
        "subTitle": it.kind,
        "mainStat": f"{count} processed",
        "secondaryStat": short(last),
        "color": color_of(it.domain),
        "detail__component_type": it.kind,
        "detail__domain": it.domain,
        "detail__event_count": count,
        "detail__last_event_type": last,
        "detail__last_seen": time_of(traffic),
    }


def _edge(it: Edge) -> dict[str, Any]:
    count, last = it.traffic.total(""), it.traffic.last
    return {
        "id": edge_id(it.source, it.target),
        "source": id_of(it.source),
        "target": id_of(it.target),
        "mainStat": f"{count} events",
        "secondaryStat": summary(it.types, is_call=it.is_call),
        "detail__event_count": count,
        "detail__event_types": json.dumps(list(it.types)),
        "detail__last_correlation_id": last.correlation_id if last else "",
        "detail__last_seen": time_of(it.traffic),
        "color": "red" if it.parked else "green",
        "thickness": thickness(count),
    }
