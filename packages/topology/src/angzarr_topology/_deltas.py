"""The rows of the graph as server-sent events: first all, then what changed."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import Any

EVENT_STREAM = "text/event-stream"
LOOK_SECONDS = 1.0
KEPT_ALIVE = b": nothing changed\n\n"

Rows = Mapping[str, list[dict[str, Any]]]


async def deltas(rows: Callable[[], Rows], stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Yield one event per second until `stop`: the rows that changed, the ids that are gone.

    Shape: data is `{"nodes", "edges", "gone"}`; a second without a change is a comment, so that a
    caller that left is noticed.
    """
    known: dict[str, tuple[str, dict[str, Any]]] = {}
    while not stop.is_set():
        now = {row["id"]: (kind, row) for kind, some in rows().items() for row in some}
        changed = [it for id_, it in now.items() if known.get(id_) != it]
        gone = sorted(known.keys() - now.keys())
        yield _event(changed, gone) if changed or gone else KEPT_ALIVE
        known = now
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await stop.wait()


def _event(changed: list[tuple[str, dict[str, Any]]], gone: list[str]) -> bytes:
    told: dict[str, Any] = {
        kind: [row for its, row in changed if its == kind] for kind in ("nodes", "edges")
    }
    return f"data: {json.dumps({**told, 'gone': gone})}\n\n".encode()
