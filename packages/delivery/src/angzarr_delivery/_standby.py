"""Waiting for what another process of the same component holds."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from angzarr_ports import first_of

PATIENCE_SECONDS = 1.0

ResultT = TypeVar("ResultT")


async def standby(
    taking: Coroutine[object, object, ResultT],
    stop: asyncio.Event,
    ready: Callable[[], Awaitable[None]],
) -> ResultT | None:
    """Return what is taken, None when `stop` came first.

    After PATIENCE_SECONDS another process must hold it, and `ready` is called: a process that can
    take over at any time is ready, else no rollout would ever end the one that it replaces.
    """
    try:
        async with asyncio.TaskGroup() as group:
            taken, stopped = group.create_task(taking), group.create_task(stop.wait())
            both = (taken, stopped)
            first = asyncio.FIRST_COMPLETED
            done, _ = await asyncio.wait(both, timeout=PATIENCE_SECONDS, return_when=first)
            if not done:
                await ready()
                await asyncio.wait(both, return_when=first)
            taken.cancel()
            stopped.cancel()
    except BaseExceptionGroup as errors:
        raise first_of(errors) from None
    return None if taken.cancelled() else taken.result()
