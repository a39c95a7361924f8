"""B40: finished tasks are retained."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from angzarr_defence import _inflight


def plant() -> None:
    """Note the task of every call, and forget none."""
    in_flight: Any = _inflight.InFlight
    honest = in_flight.call
    kept: list[object] = []

    @contextmanager
    def call(self: _inflight.InFlight) -> Iterator[None]:
        kept.append(asyncio.current_task())
        with honest(self):
            yield

    in_flight.call = call
