"""angzarr.DeadLetters of one component, each method named as on the wire (contract.md §4.14)."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Protocol

from angzarr.dead_letter_pb2 import (
    DeadLetter,
    DeadLetterResult,
    DiscardDeadLettersRequest,
    DiscardDeadLettersResponse,
    GetDeadLetterRequest,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
)
from angzarr_deadletter._component import Component
from angzarr_deadletter._selection import Selection
from angzarr_ports import Clock
from angzarr_store import OPEN_LETTERS, Ledger, Letter, LetterState, UnknownLetterError

ANSWER_SECONDS = 0.5
PARKED = frozenset({LetterState.PARKED})

Resume = Callable[[Letter], Coroutine[object, object, None]]


class Deadline(Protocol):
    """How long a caller still waits."""

    def remaining(self, now: float) -> float:
        """Return the seconds that are left, at least 0."""


class DeadLetters:
    """Records what an operator decides; whoever owns the subscription acts on it."""

    def __init__(self, component: Component, ledger: Ledger, clock: Clock) -> None:
        self._component = component
        self._ledger = ledger
        self._clock = clock
        self._selection = Selection(component, ledger)
        self._resume: Resume = _nobody

    def worked_by(self, resume: Resume) -> None:
        """Let `resume` go on with the root of a letter, and return when it cannot.

        Without it a decision is only recorded, to be found by the owner when it starts.
        """
        self._resume = resume

    async def List(  # noqa: N802 - the name on the wire
        self, request: ListDeadLettersRequest, _call: Deadline
    ) -> ListDeadLettersResponse:
        """Return one page of letters by the time they were parked."""
        wanted = self._selection.query(request)
        limit = request.limit
        found = await self._ledger.letters(wanted, after=request.after, limit=limit + 1)
        letters = [self._component.shown(filed) for filed in found[:limit]]
        response = ListDeadLettersResponse(letters=letters)
        response.total = await self._ledger.count_letters(wanted)
        if len(found) > limit:
            response.next_page_token = letters[-1].page_token
        return response

    async def Get(self, request: GetDeadLetterRequest, _call: Deadline) -> DeadLetter:  # noqa: N802 - the name on the wire
        """Return one letter with its original bytes."""
        filed = await self._ledger.letter(request.id)
        if filed is None:
            raise UnknownLetterError(request.id)
        return self._component.shown(filed)

    async def Replay(  # noqa: N802 - the name on the wire
        self, request: ReplayDeadLettersRequest, call: Deadline
    ) -> ReplayDeadLettersResponse:
        """Try letters again, in the order of their root, from the first to one that fails."""
        chosen = await self._selection.of(request, OPEN_LETTERS)
        await self._selection.check_order(chosen)
        response = ReplayDeadLettersResponse(matched=len(chosen))
        if not request.dry_run:
            await self._ledger.request_replay([letter.id for letter in _first_of_roots(chosen)])
            await self._go_on(chosen, call)
            response.results.extend(await self._results(chosen))
        return response

    async def Discard(  # noqa: N802 - the name on the wire
        self, request: DiscardDeadLettersRequest, call: Deadline
    ) -> DiscardDeadLettersResponse:
        """Give letters up; each stays on record, and its root goes on."""
        chosen = await self._selection.of(request, PARKED)
        response = DiscardDeadLettersResponse(matched=len(chosen))
        if not request.dry_run:
            for letter in chosen:
                await self._ledger.discard_letter(letter.id, request.note)
            await self._go_on([letter for letter in chosen if letter.holds_root], call)
            response.results.extend(await self._results(chosen))
        return response

    async def _go_on(self, chosen: Sequence[Letter], call: Deadline) -> None:
        left = call.remaining(self._clock.monotonic()) - ANSWER_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left)), asyncio.TaskGroup() as group:
                for letter in _first_of_roots(chosen):
                    group.create_task(self._resume(letter))

    async def _results(self, chosen: Sequence[Letter]) -> list[DeadLetterResult]:
        found = [await self._ledger.letter(letter.id) for letter in chosen]
        return [self._component.result(it.letter) for it in found if it is not None]


def _first_of_roots(letters: Sequence[Letter]) -> list[Letter]:
    """Return the letters of which the others of their root are the followers."""
    first: dict[object, Letter] = {}
    for letter in sorted(letters, key=lambda it: (it.position, it.id)):
        place = (letter.subscriber, letter.domain, letter.key)
        first.setdefault(place if letter.holds_root else letter.id, letter)
    return list(first.values())


async def _nobody(_letter: Letter) -> None:
    """Leave the decision to the owner's next start."""
