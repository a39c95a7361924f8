"""One event until it is applied or parked (reliability.md §3)."""

import asyncio
import logging
from collections.abc import Sequence

from angzarr_delivery._backoff import Backoff
from angzarr_delivery._committer import Committer
from angzarr_delivery._errors import FailedError, PauseError
from angzarr_delivery._handler import Handler, Occurrence
from angzarr_delivery._lanes import Pending
from angzarr_delivery._letters import Letters
from angzarr_delivery._policy import LOGIC, Report
from angzarr_ports import System
from angzarr_store import Change, Reaction, SaveReaction

HANDLERS_AT_ONCE = 64
PAUSE = Backoff(longest_seconds=5.0)
PAUSED = "delivery.paused"
RESUMED = "delivery.resumed"

_LOG = logging.getLogger("angzarr.delivery")


class Pauses:
    """How many events wait because the logic cannot be asked; tells of the first and the last."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._waiting = 0

    async def begin(self, why: str) -> None:
        """Count one more."""
        self._waiting += 1
        if self._waiting == 1:
            _LOG.warning(PAUSED, extra={"reason": why})
            await self._report(LOGIC, why)

    async def end(self) -> None:
        """Count one less."""
        self._waiting -= 1
        if not self._waiting:
            _LOG.info(RESUMED)
            await self._report(LOGIC, "")


class Recorded:
    """The reactions of events in flight, as they are stored."""

    def __init__(self, committer: Committer, reactions: Sequence[Reaction]) -> None:
        self._committer = committer
        self._reactions: dict[int, dict[int, Reaction]] = {}
        self._remember(reactions)

    def of(self, position: int) -> tuple[Reaction, ...]:
        """Return the reactions of an event in order."""
        found = self._reactions.get(position, {})
        return tuple(found[index] for index in sorted(found))

    def forget(self, position: int) -> None:
        """Drop those of an event that is done."""
        self._reactions.pop(position, None)

    async def commit(self, changes: Sequence[Change]) -> None:
        """Store changes of an unfinished event durably, then remember them for its next attempt."""
        await self._committer.commit(changes)
        self._remember([it.reaction for it in changes if isinstance(it, SaveReaction)])

    def _remember(self, reactions: Sequence[Reaction]) -> None:
        for reaction in reactions:
            self._reactions.setdefault(reaction.position, {})[reaction.index] = reaction


class Attempts:
    """Calls the handler until it succeeds or the budget is spent."""

    def __init__(
        self,
        handler: Handler,
        letters: Letters,
        recorded: Recorded,
        pauses: Pauses,
        system: System,
        *,
        budget: int,
    ) -> None:
        self._handler = handler
        self._letters = letters
        self._recorded = recorded
        self._pauses = pauses
        self._system = system
        self._budget = budget
        self._slots = asyncio.Semaphore(HANDLERS_AT_ONCE)

    async def settle(self, event: Pending) -> None:
        """Return when the event is applied or parked, durably."""
        self._system.faults.at("Q1")
        if event.key in self._letters.parked_roots:
            return await self._letters.park_behind(event)
        while (failure := await self._try(event)) is not None:
            spent = self._letters.attempts(event) + 1
            if failure.final or spent >= self._budget:
                await self._letters.park(event, failure)
                break
            await self._letters.retry(event, failure)
            await self._system.clock.sleep(Backoff().seconds(spent, self._system.randomness))
        return self._recorded.forget(event.position)

    async def _try(self, event: Pending) -> FailedError | None:
        try:
            changes = await self._ask_patiently(event)
        except FailedError as failure:
            return failure
        await self._letters.applied(event, changes)
        self._system.faults.at("Q8")
        return None

    async def _ask_patiently(self, event: Pending) -> Sequence[Change]:
        pauses = 0
        try:
            while True:
                try:
                    return await self._ask(event)
                except PauseError as error:
                    pauses += 1
                    if pauses == 1:
                        await self._pauses.begin(error.why)
                    pause = PAUSE.seconds(pauses, self._system.randomness)
                    await self._system.clock.sleep(pause)
        finally:
            if pauses:
                await self._pauses.end()

    async def _ask(self, event: Pending) -> Sequence[Change]:
        attempt = self._letters.attempts(event) + 1
        occurrence = Occurrence(
            book=event.book,
            position=event.position,
            key=event.key,
            sequence=event.book.pages[0].num,
            attempt=attempt,
            is_last_attempt=attempt >= self._budget,
            reactions=self._recorded.of(event.position),
        )
        async with self._slots:
            return await self._handler.apply(occurrence, self._recorded.commit)
