"""What both readers of the graph need of its rows (operations.md §3, invariants)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from angzarr import is_name

ID = re.compile(r"[A-Za-z0-9._-]+")
DIGEST_ID = re.compile(r"X-[0-9a-f]{12}")
OURS = {"Gateway", "Stream"}
VIEW_NODES = {
    "id",
    "title",
    "subtitle",
    "mainstat",
    "secondarystat",
    "arc__ok",
    "arc__error",
    "arc__idle",
    "detail__kind",
    "detail__domain",
    "detail__lag",
    "detail__parked",
}
VIEW_EDGES = {
    "id",
    "source",
    "target",
    "mainstat",
    "secondarystat",
    "thickness",
    "color",
    "strokedasharray",
    "detail__transport",
    "detail__declared",
    "detail__observed",
}
NUMBERS = {"arc__ok", "arc__error", "arc__idle", "thickness", "detail__event_count"}

Rows = Mapping[str, list[dict[str, Any]]]


def violations(rows: Rows, node_keys: set[str], edge_keys: set[str]) -> set[str]:
    """Return what is wrong with the rows of a route whose keys are declared."""
    return {
        *_of_ids(rows),
        *_of_keys(rows["nodes"], node_keys),
        *_of_keys(rows["edges"], edge_keys),
        *_of_edges(rows),
        *_of_arcs(rows["nodes"]),
    }


def violations_of_fields(fields: Mapping[str, list[dict[str, str]]]) -> set[str]:
    """Return what is wrong with declared fields."""
    found = set()
    for frame, rows in fields.items():
        shown = [row["displayName"] for row in rows]
        if len(set(shown)) < len(shown):
            found.add(f"display name twice in {frame}")
        if any(row["type"] not in {"string", "number"} for row in rows):
            found.add(f"type in {frame}")
    if "source" in {row["field_name"] for row in fields["nodes_fields"]}:
        found.add("nodes field called source")
    return found


def _of_ids(rows: Rows) -> Iterator[str]:
    for kind in ("nodes", "edges"):
        ids = [row["id"] for row in rows[kind]]
        if len(set(ids)) < len(ids):
            yield f"{kind} id twice"
        if ids != sorted(ids):
            yield f"{kind} not by id"
        if any(ID.fullmatch(it) is None for it in ids):
            yield f"{kind} id with other characters"
    for row in rows["nodes"]:
        name = row["title"]
        known = name in OURS or is_name(name)
        if (row["id"] != name) if known else (DIGEST_ID.fullmatch(row["id"]) is None):
            yield "node id is not that of its name"


def _of_keys(rows: list[dict[str, Any]], keys: set[str]) -> Iterator[str]:
    for row in rows:
        if row.keys() != keys:
            yield "keys that are not declared"
        for key, value in row.items():
            if isinstance(value, str) == (key in NUMBERS):
                yield f"type of {key}"


def _of_edges(rows: Rows) -> Iterator[str]:
    nodes = {row["id"] for row in rows["nodes"]}
    for row in rows["edges"]:
        if not {row["source"], row["target"]} <= nodes:
            yield "edge names a missing node"
        if row["id"] != f"{row['source']}..{row['target']}":
            yield "edge id is not that of its ends"


def _of_arcs(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        arcs = [value for key, value in row.items() if key.startswith("arc__")]
        if arcs and abs(sum(arcs) - 1) > 1e-6:
            yield "arcs do not sum to 1"
