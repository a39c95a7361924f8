"""The reaction to one event (contract.md §4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from angzarr import rpc
from angzarr.types_pb2 import (
    CommandBook,
    SagaExecuteRequest,
    SagaPrepareRequest,
    SagaResponse,
    Target,
)
from angzarr_delivery import Commit, FailedError, Occurrence
from angzarr_dispatch import (
    Decision,
    InvalidDecisionError,
    SourceEvent,
    Unsettled,
    Verdict,
    is_compensation,
)
from angzarr_ports import Faults
from angzarr_reaction import Logic, Peers, Settlement, check_count, final_failure, invalid_reply
from angzarr_store import Change, Reaction, ReactionState, SaveReaction

FAILED_PRECONDITION = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who the saga is, what it may send (none means all), and how much one reply may hold."""

    component: str
    outputs: tuple[Target, ...]
    drops_events: bool
    limit_commands: int
    limit_destinations: int


class Saga:
    """Decides once, records the decision, then sends until every command has a result."""

    def __init__(
        self, logic: Logic, peers: Peers, settlement: Settlement, rules: Rules, faults: Faults
    ) -> None:
        self._faults = faults
        self._logic = logic
        self._peers = peers
        self._settlement = settlement
        self._rules = rules
        self._stale: set[tuple[str, int]] = set()

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Bring every command of the event to a terminal result; once it is done, what is due.

        The event is done as soon as each rejection is recorded with its compensation.

        Raises:
            FailedError: logic, a read or a command failed.
            PauseError: the logic cannot be asked.
        """
        decided = event.reactions if event.is_done else await self._decided(event, commit)
        left = await self._settlement.settle(event, decided, commit)
        if left is not None:
            raise self._failure(event, left)
        return []

    async def _decided(self, event: Occurrence, commit: Commit) -> Sequence[Reaction]:
        if event.reactions and _place(event) not in self._stale:
            return event.reactions
        return await self._decide(event, commit)

    async def _decide(self, event: Occurrence, commit: Commit) -> Sequence[Reaction]:
        asked = SagaPrepareRequest(source=event.book)
        covers = await self._logic.prepare(rpc.Saga.Prepare, asked)
        check_count("destinations", len(covers), self._rules.limit_destinations)
        destinations = await self._peers.fetch(covers, event.book.cover)
        request = SagaExecuteRequest(source=event.book, destinations=destinations)
        response = await self._logic.decide(rpc.Saga.Execute, request)
        check_count("commands", len(response.commands), self._rules.limit_commands)
        if response.events and not self._rules.drops_events:
            text = "The saga returned events, which are not supported"
            raise final_failure(FAILED_PRECONDITION, text, "SAGA_EVENTS_UNSUPPORTED")
        try:
            decision = Decision.of(response.commands, self._source(event), self._rules.outputs)
        except InvalidDecisionError as error:
            raise invalid_reply(error.why) from error
        reactions = _kept(event.reactions, decision.reactions)
        if reactions:
            await commit([SaveReaction(reaction=reaction) for reaction in reactions])
            self._faults.at("Q11")
        self._stale.discard(_place(event))
        return reactions

    async def foresee(self, request: SagaExecuteRequest) -> SagaResponse:
        """Return what the logic decides on the given books, its commands stamped; nothing is sent.

        Raises:
            CallError: logic failed.
            FailedError: the reply breaks a rule.
        """
        response = await self._logic.speculate(rpc.Saga.Execute, request)
        check_count("commands", len(response.commands), self._rules.limit_commands)
        last = request.source.pages[-1]
        source = SourceEvent(
            component=self._rules.component,
            cover=request.source.cover,
            sequence=last.num,
            position=last.position,
        )
        try:
            decision = Decision.of(response.commands, source, self._rules.outputs)
        except InvalidDecisionError as error:
            raise invalid_reply(error.why) from error
        del response.commands[:]
        response.commands.extend(CommandBook.FromString(it.command) for it in decision.reactions)
        return response

    def _source(self, event: Occurrence) -> SourceEvent:
        return SourceEvent(
            component=self._rules.component,
            cover=event.book.cover,
            sequence=event.sequence,
            position=event.position,
        )

    def _failure(self, event: Occurrence, unsettled: Unsettled) -> FailedError:
        again = unsettled.answer.verdict is Verdict.DECIDE_AGAIN
        if again and not is_compensation(unsettled.reaction):
            self._stale.add(_place(event))
        return self._settlement.failure(unsettled)


def _place(event: Occurrence) -> tuple[str, int]:
    return event.book.cover.domain, event.position


def _kept(old: Sequence[Reaction], new: Sequence[Reaction]) -> list[Reaction]:
    """Return the new decision; what has a result stays, what is decided no more is discarded."""
    is_open = {ReactionState.OWED, ReactionState.PARKED}
    settled = {it.index: it for it in old if it.state not in is_open or is_compensation(it)}
    fresh = {it.index: it for it in new}
    dropped = {
        it.index: replace(it, state=ReactionState.DISCARDED)
        for it in old
        if it.index not in settled and it.index not in fresh
    }
    return [it for _, it in sorted({**fresh, **dropped, **settled}.items())]
