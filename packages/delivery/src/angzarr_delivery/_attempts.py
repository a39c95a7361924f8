"""One event until it is applied or parked (reliability.md §3)."""

import asyncio
from collections.abc import Callable, Sequence

from angzarr_delivery._backoff import Backoff
from angzarr_delivery._committer import Committer
from angzarr_delivery._handler import FailedError, Handler, Occurrence, PauseError
from angzarr_delivery._lanes import Pending
from angzarr_delivery._letters import Letters
from angzarr_ports import System
from angzarr_store import Change, Reaction, SaveReaction

HANDLERS_AT_ONCE = 64


class Pauses:
    """How many events wait because the logic cannot be asked; tells of the first and the last."""

    def __init__(self, on_change: Callable[[bool], None]) -> None:
        self._on_change = on_change
        self._waiting = 0

    def change(self, by: int) -> None:
        """Count one more or one less."""
        before, self._waiting = self._waiting, self._waiting + by
        if bool(before) != bool(self._waiting):
            self._on_change(bool(self._waiting))


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
        committer: Committer,
        pauses: Pauses,
        budget: int,
    ) -> None:
        self._handler = handler
        self._letters = letters
        self._recorded = recorded
        self._committer = committer
        self._pauses = pauses
        self._budget = budget
        self._slots = asyncio.Semaphore(HANDLERS_AT_ONCE)

    async def settle(self, event: Pending, system: System) -> None:
        """Return when the event is applied or parked, durably."""
        if event.key in self._letters.parked_roots:
            return await self._letters.park_behind(event)
        while (failure := await self._try(event, system)) is not None:
            spent = self._letters.attempts(event) + 1
            if failure.final or spent >= self._budget:
                await self._letters.park(event, failure)
                break
            await self._letters.retry(event, failure)
            await system.clock.sleep(Backoff().seconds(spent, system.randomness))
        return self._recorded.forget(event.position)

    async def _try(self, event: Pending, system: System) -> FailedError | None:
        try:
            changes = await self._ask_patiently(event, system)
        except FailedError as failure:
            return failure
        stored = [*changes, *self._letters.settled(event)]
        await self._committer.commit(stored, done=event.position)
        return None

    async def _ask_patiently(self, event: Pending, system: System) -> Sequence[Change]:
        backoff, pauses = Backoff(longest_seconds=5.0), 0
        try:
            while True:
                try:
                    return await self._ask(event)
                except PauseError:
                    pauses += 1
                    self._pauses.change(pauses == 1)
                    await system.clock.sleep(backoff.seconds(pauses, system.randomness))
        finally:
            self._pauses.change(-1 if pauses else 0)

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
