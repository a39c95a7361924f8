"""A component that reads several domains."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from angzarr_delivery._handler import Handler
from angzarr_delivery._subscription import Policy, Source, Subscription
from angzarr_ports import System
from angzarr_store import Ledger


class Subscriber:
    """One subscription per source, all with the same handler."""

    def __init__(
        self, name: str, sources: Sequence[Source], ledger: Ledger, policy: Policy, system: System
    ) -> None:
        self._tasks = system.tasks
        self._subscriptions = [
            Subscription(name, source, ledger, policy, system) for source in sources
        ]

    async def run(self, handler: Handler, stop: asyncio.Event, *, drain_seconds: float) -> None:
        """Work until `stop`, then let what is in work end, for `drain_seconds` at most."""
        running = [
            self._tasks.start("subscription", it.run(handler, stop)) for it in self._subscriptions
        ]
        await stop.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_seconds):
                await asyncio.wait(running)
