"""Appending without an end, for tests that kill who does it."""

import asyncio

from angzarr_store import EventLog
from angzarr_store_conformance._contract import batch


async def append_on(log: EventLog, roots: int) -> None:
    """Append to so many roots at once; print the id of each append that is acknowledged."""
    async with asyncio.TaskGroup() as group:
        for root in range(roots):
            group.create_task(_append_to(log, root))


async def _append_to(log: EventLog, root: int) -> None:
    base = 0
    while True:
        await log.append(batch(f"{root}-{base}", root=root, base=base, pages=2))
        print(f"{root}-{base}", flush=True)  # noqa: T201 - what whoever kills it reads
        base += 2
