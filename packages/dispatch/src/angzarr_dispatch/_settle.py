"""Sends recorded commands until each has a terminal result."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from angzarr.types_pb2 import CommandBook
from angzarr_dispatch._alert import escalate
from angzarr_dispatch._consequence import Consequence
from angzarr_dispatch._outcome import Answer, Verdict
from angzarr_dispatch._rejection import failure_record, is_compensation, is_record, rejection
from angzarr_ports import System
from angzarr_store import Reaction, ReactionState

Send = Callable[[CommandBook], Awaitable[Answer]]
Save = Callable[[Sequence[Reaction]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A command that has no terminal result; `final` says that sending it again cannot help."""

    reaction: Reaction
    answer: Answer
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Sends the same bytes under the same id; `save` stores reactions in one transaction.

    `fallback` is what follows from a compensation that the source cannot take.
    """

    send: Send
    fallback: Consequence
    system: System

    async def settle(
        self, reactions: Sequence[Reaction], save: Save, *, is_last_attempt: bool
    ) -> list[Unsettled]:
        """Send the decided commands that are owed or parked, in order; save each result.

        Return the first without a terminal result, if there is one; those behind it wait. A
        rejection stops neither the commands behind it nor the event: its compensation is saved
        with it, and due from then on.

        Rule: contract.md §4.5 step 6.
        """
        for reaction in reactions:
            if reaction.state not in {ReactionState.OWED, ReactionState.PARKED}:
                continue
            if is_compensation(reaction):
                await save([replace(reaction, state=ReactionState.DUE)])
                continue
            unsettled = await self._settle(reaction, save, is_last_attempt=is_last_attempt)
            if unsettled is not None:
                return [unsettled]
        return []

    async def compensate(self, reactions: Sequence[Reaction], save: Save) -> list[Unsettled]:
        """Send once what is due, and the records of what fails; save each result.

        Return what has none.

        Rule: contract.md §4.6.
        """
        unsettled: list[Unsettled | None] = []
        for reaction in sorted(reactions, key=lambda it: it.index, reverse=True):
            if reaction.state is not ReactionState.DUE:
                continue
            if is_record(reaction):
                unsettled.append(await self._send_record(reaction, save))
            else:
                unsettled.append(await self._take_back(reaction, reactions, save))
        return [it for it in unsettled if it is not None]

    async def _settle(
        self, reaction: Reaction, save: Save, *, is_last_attempt: bool
    ) -> Unsettled | None:
        answer = await self._sent(reaction)
        verdict = answer.verdict
        if verdict is Verdict.RETRY_THEN_REJECT and is_last_attempt:
            verdict = Verdict.REJECTED
        match verdict:
            case Verdict.ACCEPTED:
                await save([_settled(reaction, answer)])
            case Verdict.REJECTED:
                await save(rejection(reaction, answer))
                self.system.faults.at("Q12")
            case _:
                return _unsettled(reaction, answer, Verdict.PARK)
        return None

    async def _take_back(
        self, compensation: Reaction, others: Sequence[Reaction], save: Save
    ) -> Unsettled | None:
        answer = await self._sent(compensation)
        follows = Consequence.of(answer, self.fallback)
        if follows is None:
            return _unsettled(compensation, answer, Verdict.PARK)
        record = self._record(compensation, answer, others) if follows.emit else None
        if follows.dead_letter:
            unfiled = await self._file(record, [], save)
            if unfiled is not None:
                return unfiled
        if follows.escalate:
            escalate(answer.words, CommandBook.FromString(compensation.command))
        if follows.dead_letter:
            return Unsettled(reaction=compensation, answer=answer, final=True)
        return await self._file(record, [_settled(compensation, answer)], save)

    def _record(
        self, compensation: Reaction, answer: Answer, others: Sequence[Reaction]
    ) -> Reaction | None:
        """Return the record of a failure, None if there is one already."""
        record = failure_record(compensation, answer.words, self.system.clock.now())
        return None if any(it.index == record.index for it in others) else record

    async def _file(
        self, record: Reaction | None, ended: Sequence[Reaction], save: Save
    ) -> Unsettled | None:
        """Save what has ended together with the new record that is due for it; then send that."""
        fresh = [record] if record is not None else []
        if ended or fresh:
            await save([*ended, *fresh])
        return await self._send_record(record, save) if record is not None else None

    async def _send_record(self, record: Reaction, save: Save) -> Unsettled | None:
        answer = await self._sent(record)
        if answer.verdict is not Verdict.ACCEPTED:
            return _unsettled(record, answer, Verdict.REJECTED, Verdict.PARK)
        await save([_settled(record, answer)])
        return None

    async def _sent(self, reaction: Reaction) -> Answer:
        answer = await self.send(CommandBook.FromString(reaction.command))
        self.system.faults.at("Q7")
        return answer


def _unsettled(reaction: Reaction, answer: Answer, *final: Verdict) -> Unsettled:
    return Unsettled(reaction=reaction, answer=answer, final=answer.verdict in final)


def _settled(reaction: Reaction, answer: Answer) -> Reaction:
    accepted = answer.verdict is Verdict.ACCEPTED
    state = ReactionState.ACCEPTED if accepted else ReactionState.REJECTED
    return replace(reaction, state=state, outcome=answer.status.SerializeToString())
