"""Sends recorded commands until each has a terminal result."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from angzarr.types_pb2 import CommandBook
from angzarr_dispatch._outcome import Answer, Verdict
from angzarr_store import Reaction, ReactionState

Send = Callable[[CommandBook], Awaitable[Answer]]
Save = Callable[[Reaction], Awaitable[None]]


class UnsettledError(Exception):
    """A command has no terminal result yet; those before it have theirs."""

    def __init__(self, reaction: Reaction, answer: Answer) -> None:
        super().__init__(answer.status.message)
        self.reaction = reaction
        self.answer = answer


async def settle(
    reactions: Sequence[Reaction], send: Send, save: Save, *, is_last_attempt: bool
) -> None:
    """Send what is owed, in order, the same bytes under the same id; save each result.

    A rejection stops neither the commands behind it nor the event.

    Raises:
        UnsettledError: the answer to a command is not terminal.
    Rule: contract.md §4.5 step 6.
    """
    for reaction in reactions:
        if reaction.state is ReactionState.OWED:
            answer = await send(CommandBook.FromString(reaction.command))
            await save(_result(reaction, answer, is_last_attempt=is_last_attempt))


def _result(reaction: Reaction, answer: Answer, *, is_last_attempt: bool) -> Reaction:
    match answer.verdict:
        case Verdict.ACCEPTED:
            return replace(reaction, state=ReactionState.ACCEPTED)
        case Verdict.REJECTED:
            return _rejected(reaction, answer)
        case Verdict.RETRY_THEN_REJECT if is_last_attempt:
            return _rejected(reaction, answer)
        case _:
            raise UnsettledError(reaction, answer)


def _rejected(reaction: Reaction, answer: Answer) -> Reaction:
    outcome = answer.status.SerializeToString()
    return replace(reaction, state=ReactionState.REJECTED, outcome=outcome)
