"""One event until it is applied or parked (reliability.md §3)."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from angzarr_delivery._committer import Committer
from angzarr_delivery._errors import FailedError, PauseError
from angzarr_delivery._handler import Handler, Occurrence
from angzarr_delivery._lanes import Pending
from angzarr_delivery._letters import Letters
from angzarr_delivery._policy import LOGIC, Report
from angzarr_ports import Backoff, Clock
from angzarr_reader import ViolationError
from angzarr_store import Change, Reaction, ReactionState, SaveReaction
from angzarr_telemetry import LOST_REACTION, Vitals

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

    def __init__(self, committer: Committer, reactions: Sequence[Reaction], clock: Clock) -> None:
        self._committer = committer
        self._clock = clock
        self._since: dict[int, float] = {}
        self._reactions: dict[int, dict[int, Reaction]] = {}
        self.remember(reactions)

    def of(self, position: int) -> tuple[Reaction, ...]:
        """Return the reactions of an event in order."""
        return tuple(it for _, it in sorted(self._reactions.get(position, {}).items()))

    @property
    def owed_since(self) -> float | None:
        """Return when the oldest command that is owed was first seen, in seconds of the clock."""
        owed = [at for position, at in self._since.items() if self._owes(self.of(position))]
        return min(owed, default=None)

    def check_settled(self, position: int, changes: Sequence[Change]) -> None:
        """Refuse to complete an event whose commands have no result yet.

        Raises:
            ViolationError: one is owed, also after `changes`.
        """
        fresh = {it.reaction.index: it.reaction for it in changes if isinstance(it, SaveReaction)}
        known = {it.index: it for it in self.of(position)}
        if self._owes([*{**known, **fresh}.values()]):
            raise ViolationError(LOST_REACTION, f"position {position} still owes commands")

    def owes(self, position: int) -> bool:
        """Say whether a reaction to the event outlives it."""
        return any(it.state is ReactionState.DUE for it in self.of(position))

    def _owes(self, reactions: Sequence[Reaction]) -> bool:
        return any(it.state is ReactionState.OWED for it in reactions)

    def forget(self, position: int) -> None:
        """Drop those of an event that is done."""
        self._reactions.pop(position, None)
        self._since.pop(position, None)

    async def commit(self, changes: Sequence[Change]) -> None:
        """Store changes of an unfinished event durably, then remember them for its next attempt."""
        await self._committer.commit(changes)
        self.remember([it.reaction for it in changes if isinstance(it, SaveReaction)])

    def remember(self, reactions: Sequence[Reaction]) -> None:
        """Keep what is stored."""
        for reaction in reactions:
            self._reactions.setdefault(reaction.position, {})[reaction.index] = reaction
            self._since.setdefault(reaction.position, self._clock.monotonic())


class Attempts:
    """Calls the handler until it succeeds or the budget is spent."""

    def __init__(
        self,
        handler: Handler,
        letters: Letters,
        recorded: Recorded,
        pauses: Pauses,
        vitals: Vitals,
        *,
        budget: int,
    ) -> None:
        self._handler = handler
        self._letters = letters
        self._recorded = recorded
        self._pauses = pauses
        self._vitals = vitals
        self._system = vitals.system
        self._budget = budget
        self._slots = asyncio.Semaphore(HANDLERS_AT_ONCE)

    async def settle(self, event: Pending) -> None:
        """Return when the event is applied and nothing is due, or it is parked, durably."""
        self._system.faults.at("Q1")
        if self._letters.is_parked(event.key):
            await self._letters.park_behind(event)
        else:
            await self._settle(event)

    async def replay(self, event: Pending, reactions: Sequence[Reaction]) -> None:
        """Try the event of a letter once; the letter is replayed then, or parked again."""
        self._recorded.remember(reactions)
        await self._settle(event)

    async def _settle(self, event: Pending) -> None:
        is_open = True
        while is_open:
            began = self._system.clock.monotonic()
            failure = await self._try(event)
            if failure is not None:
                is_open = await self._may_retry(event, failure, began)
            else:
                self._vitals.took("applied", began)
                is_open = self._recorded.owes(event.position)
                event = replace(event, is_done=True)
        self._recorded.forget(event.position)

    async def _may_retry(self, event: Pending, failure: FailedError, began: float) -> bool:
        spent = self._letters.attempts(event) + 1
        if failure.final or spent >= self._budget or event.letter is not None:
            await self._letters.park(event, failure)
            self._vitals.took("parked", began)
            return False
        self._vitals.took("retried", began)
        await self._letters.retry(event, failure)
        await self._system.clock.sleep(Backoff().seconds(spent, self._system.randomness))
        return True

    async def _try(self, event: Pending) -> FailedError | None:
        try:
            changes = await self._ask_patiently(event)
        except FailedError as failure:
            return failure
        self._recorded.check_settled(event.position, changes)
        if event.letter is not None and self._recorded.owes(event.position):
            await self._recorded.commit(changes)
        else:
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
            is_last_attempt=attempt >= self._budget or event.letter is not None,
            is_done=event.is_done,
            reactions=self._recorded.of(event.position),
            lease=self._letters.lease,
            remember=self._recorded.remember,
        )
        async with self._slots:
            return await self._handler.apply(occurrence, self._recorded.commit)
