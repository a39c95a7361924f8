"""One subscriber of one domain, from its checkpoint to the head and on."""

import asyncio
from dataclasses import dataclass
from functools import partial

from angzarr_delivery._attempts import Attempts, Pauses, Recorded
from angzarr_delivery._committer import Committer
from angzarr_delivery._errors import HaltedError
from angzarr_delivery._frontier import Frontier
from angzarr_delivery._handler import Handler
from angzarr_delivery._lanes import Pending
from angzarr_delivery._letters import Letters
from angzarr_delivery._patience import patiently
from angzarr_delivery._policy import Policy, log_condition
from angzarr_delivery._replays import Replays
from angzarr_delivery._valve import Valve
from angzarr_delivery._violations import metric_of
from angzarr_delivery._window import Window
from angzarr_ports import System, first_of
from angzarr_reader import Delta, Reader, Source
from angzarr_store import (
    CHAIN_MISMATCH,
    Backlog,
    DropLetter,
    Lease,
    Ledger,
    LogMismatchError,
    PositionPastHeadError,
    RootKey,
)
from angzarr_telemetry import LOOK_SECONDS, Tally, Vitals

REMEMBER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Running:
    """A subscription at work."""

    window: Window
    valve: Valve
    committer: Committer

    async def admit(self, delta: Delta) -> None:
        """Take an append, once the valve is open."""
        await self.valve.passes()
        await self.window.admit(delta)


class Subscription:
    """The protocol of reliability.md §3 for one owner of (subscriber, domain)."""

    def __init__(
        self, subscriber: str, source: Source, ledger: Ledger, policy: Policy, system: System
    ) -> None:
        self._subscriber = subscriber
        self._source = source
        self._ledger = ledger
        self._policy = policy
        shown = policy.component or subscriber
        self._vitals = Vitals(shown, source.domain, policy.duration, system)
        system.metrics.count(CHAIN_MISMATCH, 0, component=shown, domain=source.domain)
        self._system = system
        self._running: _Running | None = None

    @property
    def is_paused(self) -> bool:
        """Say whether it takes no further event because an operator said so."""
        return self._running is not None and self._running.valve.is_shut

    async def pause(self, *, paused: bool) -> None:
        """Take no further event, or take them again, over restarts too; what is in work ends.

        Nothing happens to one that does not run.
        """
        if (running := self._running) is not None:
            await running.valve.turn(running.committer.commit, shut=paused)

    async def resume(self, key: RootKey) -> None:
        """Go on with the letters of a root, as an operator decided; return when it cannot.

        A subscription that does not run finds the decision when it starts.
        """
        if self._running is not None:
            await self._running.window.replay(key)

    async def take(self) -> Lease:
        """Return the lease, as soon as no other process holds it.

        Raises:
            StoreUnavailableError: it cannot be taken now.
        """
        return await self._ledger.acquire(self._subscriber, self._source.domain)

    async def run(self, lease: Lease, handler: Handler, stop: asyncio.Event) -> None:
        """Work under a lease until `stop`, then finish what is in work.

        Raises:
            HaltedError: the log was rolled back or rewritten, or too much is parked.
            FencedError: another process has taken the subscription.
            UnknownOutcomeError: what is stored is unknown; the lease must be taken again.
            InvariantError: the feed has a hole.
            StoreUnavailableError: what is unfinished cannot be read now.
        """
        self._system.faults.at("Q14")
        backlog = await self._ledger.backlog(lease)
        valve = await Valve.of(self._ledger, lease)
        self._system.faults.at("Q2")
        try:
            async with asyncio.TaskGroup() as group:
                await self._work(handler, stop, (lease, backlog, valve), group)
        except BaseExceptionGroup as errors:
            error = first_of(errors)
            if (metric := metric_of(error)) is not None:
                self._vitals.violated(metric)
            raise _meaning(error) from None
        finally:
            self._running = None

    async def _work(
        self,
        handler: Handler,
        stop: asyncio.Event,
        place: tuple[Lease, Backlog, Valve],
        group: asyncio.TaskGroup,
    ) -> None:
        lease, backlog, valve = place
        frontier = Frontier(lease.position, lease.chain, backlog.applied)
        committer = Committer(self._ledger, lease, frontier, self._policy.stored, self._system)
        self._policy.begun(lease, committer.flush)
        letters = Letters(lease, backlog, committer, self._system)
        recorded = Recorded(committer, backlog.reactions, self._system.clock)
        pauses, budget = Pauses(self._policy.report), self._policy.attempts
        attempts = Attempts(handler, letters, recorded, pauses, self._vitals, budget=budget)
        replays = Replays(self._ledger, lease, letters, attempts, self._system)
        window = Window(attempts, replays, frontier, committer, self._policy, group)
        reader = Reader(
            self._subscriber,
            self._source,
            frontier,
            self._vitals,
            poll_seconds=self._policy.poll_seconds,
            report=self._report,
        )
        looking = group.create_task(self._look(frontier, letters, recorded))
        remembering = group.create_task(self._remember(letters, window))
        due = {it.position for it in backlog.reactions}
        done = partial(backlog.is_done, lease)
        over = [it for it in backlog.letters if not it.is_open and done(it.position)]
        counted = [DropLetter(id=it.id) for it in over if it.position not in due]
        group.create_task(committer.commit(counted))
        for key in replays.owed(backlog):
            group.create_task(window.replay(key))
        for event in Pending.left_behind(backlog):
            (window.put if done(event.position) else window.expect)(event)
        self._running = running = _Running(window, valve, committer)
        storing = group.create_task(committer.run())
        reading = group.create_task(reader.run(running.admit, committer.flush))
        await stop.wait()
        reading.cancel()
        remembering.cancel()
        await window.empty()
        storing.cancel()
        looking.cancel()

    async def _report(self, fault: str) -> None:
        await self._policy.report(log_condition(self._source.domain), fault)

    async def _remember(self, letters: Letters, window: Window) -> None:
        """Find decisions about letters that nobody told us of: who decided was cut off."""
        while True:
            await self._system.clock.sleep(REMEMBER_SECONDS)
            if letters.open_count:
                await patiently(window.remember, self._system)

    async def _look(self, frontier: Frontier, letters: Letters, recorded: Recorded) -> None:
        while True:
            tally = Tally(
                parked_roots=letters.roots_count,
                parked_events=letters.open_count,
                parked_since=letters.parked_since,
                attempts=letters.attempts_pending,
                unknown=letters.unknown_count,
                owed_since=recorded.owed_since,
            )
            self._vitals.look(frontier, tally)
            await self._system.clock.sleep(LOOK_SECONDS)


def _meaning(error: BaseException) -> BaseException:
    """Return what an error means to the subscriber; a log that is not the one we knew halts."""
    if isinstance(error, LogMismatchError | PositionPastHeadError):
        return HaltedError(str(error))
    return error
