"""One subscriber of one domain, from its checkpoint to the head and on."""

import asyncio

from angzarr_delivery._attempts import Attempts, Pauses, Recorded
from angzarr_delivery._committer import Committer
from angzarr_delivery._errors import HaltedError
from angzarr_delivery._frontier import Frontier
from angzarr_delivery._handler import Handler
from angzarr_delivery._letters import Letters
from angzarr_delivery._policy import Policy
from angzarr_delivery._reader import Reader
from angzarr_delivery._source import Source
from angzarr_delivery._window import Window
from angzarr_ports import System
from angzarr_store import Backlog, Lease, Ledger, LogMismatchError, PositionPastHeadError


class Subscription:
    """The protocol of reliability.md §3 for one owner of (subscriber, domain)."""

    def __init__(
        self, subscriber: str, source: Source, ledger: Ledger, policy: Policy, system: System
    ) -> None:
        self._subscriber = subscriber
        self._source = source
        self._ledger = ledger
        self._policy = policy
        self._system = system

    async def run(self, handler: Handler, stop: asyncio.Event) -> None:
        """Take the lease and work until `stop`, then finish what is in work.

        Raises:
            HaltedError: the log was rolled back or rewritten, or too much is parked.
            FencedError: another process has taken the subscription.
            UnknownOutcomeError: what is stored is unknown; the lease must be taken again.
            InvariantError: the feed has a hole.
            StoreUnavailableError: the lease cannot be taken now.
        """
        lease = await self._ledger.acquire(self._subscriber, self._source.domain)
        self._system.faults.at("Q14")
        backlog = await self._ledger.backlog(lease)
        self._system.faults.at("Q2")
        try:
            async with asyncio.TaskGroup() as group:
                await self._work(handler, stop, (lease, backlog), group)
        except BaseExceptionGroup as errors:
            raise _meaning(errors) from None

    async def _work(
        self,
        handler: Handler,
        stop: asyncio.Event,
        place: tuple[Lease, Backlog],
        group: asyncio.TaskGroup,
    ) -> None:
        lease, backlog = place
        frontier = Frontier(lease.position, lease.chain, backlog.applied)
        committer = Committer(self._ledger, lease, frontier, self._system)
        attempts = Attempts(
            handler,
            Letters(lease, backlog, committer),
            Recorded(committer, backlog.reactions),
            Pauses(self._policy.report),
            self._system,
            budget=self._policy.attempts,
        )
        window = Window(attempts, frontier, committer, self._policy, group)
        reader = Reader(self._subscriber, self._source, frontier, self._policy, self._system)
        storing = group.create_task(committer.run())
        reading = group.create_task(reader.run(window.admit, committer.flush))
        await stop.wait()
        reading.cancel()
        await window.empty()
        storing.cancel()


def _meaning(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group; a log that is not the one we knew halts."""
    error = errors.exceptions[0]
    if isinstance(error, BaseExceptionGroup):
        return _meaning(error)
    if isinstance(error, LogMismatchError | PositionPastHeadError):
        return HaltedError(str(error))
    return error
