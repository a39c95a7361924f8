"""How long to wait before trying again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from angzarr_ports import Randomness, System
from angzarr_store import StoreUnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_seconds` to `longest_seconds`; the upper half of a delay is chance."""

    first_seconds: float = 0.2
    longest_seconds: float = 30.0

    def seconds(self, attempt: int, randomness: Randomness) -> float:
        """Return the delay after the failed `attempt`, counted from 1."""
        doubled = self.first_seconds * 2.0 ** min(attempt - 1, 32)
        return min(self.longest_seconds, doubled) * randomness.uniform(0.5, 1.0)


async def patiently(work: Callable[[], Awaitable[None]], system: System) -> None:
    """Do what a store may refuse for now, as often as it takes."""
    backoff, attempt = Backoff(longest_seconds=5.0), 0
    while True:
        try:
            return await work()
        except StoreUnavailableError:
            attempt += 1
            await system.clock.sleep(backoff.seconds(attempt, system.randomness))
