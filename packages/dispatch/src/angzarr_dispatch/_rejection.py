"""The reactions that lead back from a rejected command (contract.md §4.6 steps 1, 2, 4)."""

from dataclasses import replace
from datetime import datetime

from angzarr.types_pb2 import CommandBook, RevokeEventCommand
from angzarr_dispatch._outcome import Answer
from angzarr_store import Reaction, ReactionState

COMPENSATIONS, RECORDS = 1 << 20, 1 << 21


def rejection(reaction: Reaction, answer: Answer) -> list[Reaction]:
    """Return a rejected command with its outcome, and the compensation that is now due.

    A rejected RevokeEventCommand is never itself compensated (step 5).
    """
    outcome = answer.status.SerializeToString()
    rejected = replace(reaction, state=ReactionState.REJECTED, outcome=outcome)
    command = CommandBook.FromString(reaction.command)
    if command.is_revocation:
        return [rejected]
    return [rejected, _due(reaction, command.revocation(answer.status.message), COMPENSATIONS)]


def failure_record(compensation: Reaction, why: str, at: datetime) -> Reaction:
    """Return the record that is now due of a compensation that took nothing back."""
    revoke = RevokeEventCommand()
    CommandBook.FromString(compensation.command).pages[0].command.Unpack(revoke)
    return _due(compensation, revoke.failure(why, at), RECORDS - COMPENSATIONS)


def is_compensation(reaction: Reaction) -> bool:
    """Say whether the reaction leads back from a rejected command."""
    return reaction.index >= COMPENSATIONS


def is_record(reaction: Reaction) -> bool:
    """Say whether the reaction records a failed compensation."""
    return reaction.index >= RECORDS


def _due(cause: Reaction, command: CommandBook, distance: int) -> Reaction:
    return Reaction(
        position=cause.position,
        index=cause.index + distance,
        command_id=command.command_id,
        command=command.SerializeToString(),
        state=ReactionState.DUE,
    )
