"""The reaction to one event (contract.md §4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from angzarr.types_pb2 import RpcStatus, Target
from angzarr_coordinator_saga._logic import Logic
from angzarr_coordinator_saga._peers import Peers
from angzarr_delivery import Commit, FailedError, Occurrence
from angzarr_dispatch import (
    Decision,
    Dispatcher,
    InvalidDecisionError,
    SourceEvent,
    Unsettled,
    Verdict,
    is_compensation,
)
from angzarr_ports import Faults
from angzarr_store import Change, LetterKind, Reaction, ReactionState, SaveReaction

FAILED_PRECONDITION, INTERNAL = 9, 13


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
        self, logic: Logic, peers: Peers, dispatcher: Dispatcher, rules: Rules, faults: Faults
    ) -> None:
        self._logic = logic
        self._peers = peers
        self._dispatcher = dispatcher
        self._rules = rules
        self._faults = faults
        self._stale: set[tuple[str, int]] = set()

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Bring every command of the event to a terminal result; once it is done, what is due.

        The event is done as soon as each rejection is recorded with its compensation.

        Raises:
            FailedError: logic, a read or a command failed.
            PauseError: the logic cannot be asked.
        """
        decided = event.reactions if event.is_done else await self._decided(event, commit)
        known = {it.index: it for it in decided}
        failures: list[Unsettled] = []

        async def save(reactions: Sequence[Reaction]) -> None:
            await commit([SaveReaction(reaction=it) for it in reactions])
            known.update({it.index: it for it in reactions})

        if not event.is_done:
            last = event.is_last_attempt
            failures += await self._dispatcher.settle(decided, save, is_last_attempt=last)
        if event.is_done or failures:
            failures += await self._dispatcher.compensate(list(known.values()), save)
        if failures:
            raise self._failure(event, min(failures, key=lambda it: it.final))
        return []

    async def _decided(self, event: Occurrence, commit: Commit) -> Sequence[Reaction]:
        if event.reactions and _place(event) not in self._stale:
            return event.reactions
        return await self._decide(event, commit)

    async def _decide(self, event: Occurrence, commit: Commit) -> Sequence[Reaction]:
        covers = await self._logic.prepare(event.book)
        _check_count("destinations", len(covers), self._rules.limit_destinations)
        destinations = await self._peers.fetch(covers, event.book.cover)
        response = await self._logic.execute(event.book, destinations)
        _check_count("commands", len(response.commands), self._rules.limit_commands)
        if response.events and not self._rules.drops_events:
            text = "The saga returned events, which are not supported"
            raise _final(FAILED_PRECONDITION, text, "SAGA_EVENTS_UNSUPPORTED")
        try:
            decision = Decision.of(response.commands, self._source(event), self._rules.outputs)
        except InvalidDecisionError as error:
            raise _final(INTERNAL, error.why, "LOGIC_REPLY_INVALID") from error
        reactions = _kept(event.reactions, decision.reactions)
        if reactions:
            await commit([SaveReaction(reaction=reaction) for reaction in reactions])
            self._faults.at("Q11")
        self._stale.discard(_place(event))
        return reactions

    def _source(self, event: Occurrence) -> SourceEvent:
        return SourceEvent(
            component=self._rules.component,
            cover=event.book.cover,
            sequence=event.sequence,
            position=event.position,
        )

    def _failure(self, event: Occurrence, unsettled: Unsettled) -> FailedError:
        answer, reaction = unsettled.answer, unsettled.reaction
        if answer.verdict is Verdict.DECIDE_AGAIN and not is_compensation(reaction):
            self._stale.add(_place(event))
        no_reason = "UNIMPLEMENTED" if answer.status.is_unimplemented else "UPSTREAM_UNAVAILABLE"
        parked = SaveReaction(reaction=replace(reaction, state=ReactionState.PARKED))
        return FailedError(
            answer.status.SerializeToString(),
            answer.reason or no_reason,
            final=unsettled.final,
            changes=[parked],
            kind=LetterKind.COMPENSATION if is_compensation(reaction) else LetterKind.COMMAND,
            payload=reaction.command,
        )


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


def _check_count(what: str, count: int, limit: int) -> None:
    if count > limit:
        text = f"Reply of {count} {what} exceeds the limit of {limit} {what}"
        raise _final(INTERNAL, text, "LOGIC_REPLY_INVALID")


def _final(code: int, text: str, reason: str) -> FailedError:
    status = RpcStatus(code=code, message=text)
    return FailedError(status.SerializeToString(), reason, final=True)
