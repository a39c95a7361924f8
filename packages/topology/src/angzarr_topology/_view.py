"""The graph as Grafana's Infinity and the console read it: /api/v1/topology."""

from dataclasses import dataclass
from typing import Any

from angzarr_topology._graph import Component, Edge, Graph
from angzarr_topology._names import edge_id, id_of, rate_text, short, summary
from angzarr_topology._node_graph import thickness

UNSEEN, UNDECLARED, PARKED, USUAL = "#999999", "#B877D9", "#F2495C", "#73BF69"
OURS = ("Gateway", "Stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The rows for one edition ("" means all) and a window; `now` is seconds of the clock."""

    graph: Graph
    edition: str
    window_seconds: int
    now: float

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of nodes and edges, each kind by id."""
        nodes = [self._node(it) for it in self.graph.components()]
        nodes += [_plain(name) for name in OURS]
        edges = [self._edge(it) for it in self.graph.edges()]
        return {
            "nodes": sorted(nodes, key=lambda row: str(row["id"])),
            "edges": sorted(edges, key=lambda row: str(row["id"])),
        }

    def _node(self, it: Component) -> dict[str, Any]:
        traffic, (lag, parked) = self.graph.traffic(it.name), self.graph.condition(it.name)
        rate = traffic.rate(self.edition, self.now, self.window_seconds)
        last = traffic.last.type_name if traffic.last else ""
        error = 1.0 if parked else 0.0
        busy = 1.0 if rate or parked else 0.0
        return {
            "id": id_of(it.name),
            "title": it.name,
            "subtitle": it.kind,
            "mainstat": rate_text(rate),
            "secondarystat": short(last),
            "arc__ok": busy - error,
            "arc__error": error,
            "arc__idle": 1.0 - busy,
            "detail__kind": it.kind,
            "detail__domain": it.domain,
            "detail__lag": str(lag),
            "detail__parked": str(parked),
        }

    def _edge(self, it: Edge) -> dict[str, Any]:
        count = it.traffic.total(self.edition)
        rate = it.traffic.rate(self.edition, self.now, self.window_seconds)
        return {
            "id": edge_id(it.source, it.target),
            "source": id_of(it.source),
            "target": id_of(it.target),
            "mainstat": rate_text(rate),
            "secondarystat": summary(it.types, is_call=it.is_call),
            "thickness": thickness(count),
            "color": _color(it, count),
            "strokedasharray": "" if it.is_call else "5 5",
            "detail__transport": "grpc" if it.is_call else "feed",
            "detail__declared": _truth(it.is_declared),
            "detail__observed": _truth(bool(count)),
        }


def _color(it: Edge, count: int) -> str:
    if it.parked:
        return PARKED
    if not it.is_declared:
        return UNDECLARED
    return USUAL if count else UNSEEN


def _truth(value: bool) -> str:  # noqa: FBT001 - one value
    return str(value).lower()


def _plain(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": name,
        "subtitle": name.lower(),
        "mainstat": "",
        "secondarystat": "",
        "arc__ok": 0.0,
        "arc__error": 0.0,
        "arc__idle": 1.0,
        "detail__kind": name.lower(),
        "detail__domain": "",
        "detail__lag": "0",
        "detail__parked": "0",
    }
