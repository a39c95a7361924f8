"""A component that reads several domains."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from angzarr_delivery._errors import HaltedError
from angzarr_delivery._handler import Handler
from angzarr_delivery._policy import Policy, log_condition
from angzarr_delivery._standby import standby
from angzarr_delivery._subscription import Subscription
from angzarr_ports import System, first_of
from angzarr_reader import Source
from angzarr_store import Lease, Ledger, Letter

HALTED = "delivery.halted"

_LOG = logging.getLogger("angzarr.delivery")


class Subscriber:
    """One subscription per source, all with the same handler."""

    def __init__(
        self, name: str, sources: Sequence[Source], ledger: Ledger, policy: Policy, system: System
    ) -> None:
        self._policy = policy
        reach = (ledger, policy, system)
        self._subscriptions = {it.domain: Subscription(name, it, *reach) for it in sources}

    async def resume(self, letter: Letter) -> None:
        """Go on with the root of a letter; see `Subscription.resume`."""
        if (found := self._subscriptions.get(letter.domain)) is not None:
            await found.resume(letter.key)

    @property
    def paused(self) -> frozenset[str]:
        """Return the domains of which no further event is taken."""
        return frozenset(it for it, one in self._subscriptions.items() if one.is_paused)

    async def pause(self, *, paused: bool) -> None:
        """Pause or go on with every subscription; see `Subscription.pause`."""
        for it in self._subscriptions.values():
            await it.pause(paused=paused)

    async def run(self, handler: Handler, stop: asyncio.Event, *, drain_seconds: float) -> None:
        """Work until `stop`, then let what is in work end, for `drain_seconds` at most.

        The leases are taken in the order of the sources: who has the first one gets all of them,
        and works alone. A subscription that halts stays so, and is reported; the others go on.

        Raises:
            FencedError, UnknownOutcomeError, InvariantError: one of them must be begun anew.
            StoreUnavailableError: a lease cannot be taken now.
        """
        leases: list[Lease] = []
        for subscription in self._subscriptions.values():
            lease = await standby(subscription.take(), stop, self._ready)
            if lease is None:
                return
            leases.append(lease)
        try:
            async with asyncio.TaskGroup() as group:
                works = [self._run(lease, handler, stop) for lease in leases]
                running = [group.create_task(work) for work in works]
                await stop.wait()
                with suppress(TimeoutError):
                    async with asyncio.timeout(drain_seconds):
                        await asyncio.wait(running)
                for task in running:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise first_of(errors) from None

    async def _ready(self) -> None:
        self._policy.stands_by()
        for domain in self._subscriptions:
            await self._policy.report(log_condition(domain), "")

    async def _run(self, lease: Lease, handler: Handler, stop: asyncio.Event) -> None:
        domain = lease.domain
        try:
            await self._subscriptions[domain].run(lease, handler, stop)
        except HaltedError as error:
            _LOG.error(HALTED, extra={"domain": domain, "reason": error.why})
            await self._policy.report(log_condition(domain), f"halted: {error.why}")
