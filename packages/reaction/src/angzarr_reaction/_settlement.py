"""The commands that an event led to, until each has a result (contract.md §4.5, §4.7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from angzarr_delivery import Commit, FailedError, Occurrence
from angzarr_dispatch import Dispatcher, Unsettled, is_compensation
from angzarr_ports import Metric, MetricKind, System
from angzarr_store import LetterKind, Reaction, ReactionState, SaveReaction

RETRIES = Metric(
    name="angzarr_saga_retry_total",
    help="Attempts of sagas and process managers without a result of a command, by what follows.",
    kind=MetricKind.COUNTER,
    labels=("component", "outcome"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Sends what one component has decided, and what its rejections owe."""

    component: str
    dispatcher: Dispatcher
    system: System

    async def settle(
        self, event: Occurrence, decided: Sequence[Reaction], commit: Commit
    ) -> Unsettled | None:
        """Bring every command of the event to a terminal result; once it is done, what is due.

        The event is done as soon as each rejection is recorded with its compensation. Return
        what hinders it, rather one that is to be tried again than one that is given up.
        """
        known = {it.index: it for it in decided}
        left: list[Unsettled] = []

        async def save(reactions: Sequence[Reaction]) -> None:
            await commit([SaveReaction(reaction=it) for it in reactions])
            known.update({it.index: it for it in reactions})

        if not event.is_done:
            last = event.is_last_attempt
            left += await self.dispatcher.settle(decided, save, is_last_attempt=last)
        if event.is_done or left:
            left += await self.dispatcher.compensate(list(known.values()), save)
        return min(left, key=lambda it: it.final, default=None)

    def failure(self, unsettled: Unsettled) -> FailedError:
        """Return what a command without a result means for its event, and count it."""
        answer, reaction = unsettled.answer, unsettled.reaction
        outcome = answer.verdict.value
        self.system.metrics.count(RETRIES, component=self.component, outcome=outcome)
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
