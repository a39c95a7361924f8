"""Doing what a store may refuse for now."""

from collections.abc import Awaitable, Callable

from angzarr_ports import Backoff, System
from angzarr_store import StoreUnavailableError


async def patiently(work: Callable[[], Awaitable[None]], system: System) -> None:
    """Do `work`, as often as it takes."""
    backoff, attempt = Backoff(longest_seconds=5.0), 0
    while True:
        try:
            return await work()
        except StoreUnavailableError:
            attempt += 1
            await system.clock.sleep(backoff.seconds(attempt, system.randomness))
