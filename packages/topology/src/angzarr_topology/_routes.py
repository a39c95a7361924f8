"""What is served over HTTP (operations.md §3)."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from angzarr_ports import Clock
from angzarr_telemetry import JSON_TYPE, Answer, Readiness
from angzarr_topology import _node_graph as node_graph
from angzarr_topology._deltas import EVENT_STREAM, Rows, deltas
from angzarr_topology._graph import Graph
from angzarr_topology._traffic import LONGEST_WINDOW_SECONDS, WINDOW_SECONDS
from angzarr_topology._view import View

PREFIXES = ("", "/nodegraphds")

_WINDOW = re.compile(r"([0-9]{1,4})(s|m|)")


class Routes:
    """The routes of the node-graph plugin and those of our own."""

    def __init__(
        self, graph: Graph, readiness: Readiness, clock: Clock, stop: asyncio.Event
    ) -> None:
        self._stop = stop
        self._graph = graph
        self._readiness = readiness
        self._clock = clock

    def by_path(self) -> dict[str, Callable[[Mapping[str, str]], Any]]:
        """Return what answers each path."""
        ours = {"/api/v1/topology": self._topology, "/api/v1/topology/stream": self._stream}
        plugin = {
            "/api/health": self._health,
            "/api/graph/fields": self._fields,
            "/api/graph/data": self._data,
        }
        return {
            **{f"{prefix}{path}": it for prefix in PREFIXES for path, it in plugin.items()},
            **{f"{prefix}{path}": it for prefix in PREFIXES for path, it in ours.items()},
        }

    async def _health(self, _query: Mapping[str, str]) -> Answer:
        return self._failure() or Answer(status=200, body=b"")

    async def _fields(self, _query: Mapping[str, str]) -> Answer:
        return _answer(node_graph.fields())

    async def _data(self, _query: Mapping[str, str]) -> Answer:
        return self._failure() or _answer(node_graph.data(self._graph))

    async def _topology(self, query: Mapping[str, str]) -> Answer:
        at = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self._failure() or _answer({"generated_at": at, **self._rows(query)})

    async def _stream(self, query: Mapping[str, str]) -> Answer:
        parts = deltas(lambda: self._rows(query), self._stop)
        sent = Answer(status=200, body=b"", content_type=EVENT_STREAM, parts=parts)
        return self._failure() or sent

    def _rows(self, query: Mapping[str, str]) -> Rows:
        view = View(
            graph=self._graph,
            edition=query.get("edition", ""),
            window_seconds=_window(query.get("window", "")),
            now=self._clock.monotonic(),
        )
        return view.rows()

    def _failure(self) -> Answer | None:
        faults = self._readiness.faults
        if not faults:
            return None
        told = "; ".join(f"{name}: {fault}" for name, fault in faults.items())
        return _answer({"error": f"The topology is not ready: {told}."}, status=503)


def _window(text: str) -> int:
    """Return the seconds of `60`, `60s` or `5m`; what means nothing is the usual window."""
    found = _WINDOW.fullmatch(text)
    seconds = int(found[1]) * (60 if found[2] == "m" else 1) if found else WINDOW_SECONDS
    return min(seconds, LONGEST_WINDOW_SECONDS) or WINDOW_SECONDS


def _answer(plain: dict[str, Any], *, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(plain).encode(), content_type=JSON_TYPE)
