"""What became of a command that a component sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.types_pb2 import CommandBook, CommandOutcome, CommandResult, RpcStatus


class CommandOutcomeTraits:
    """Behaviour of CommandOutcome."""

    @staticmethod
    def of(
        command: CommandBook, result: CommandResult.ValueType, status: RpcStatus
    ) -> CommandOutcome:
        """Return the outcome of a command; `status` is that of its answer (contract.md §2.2)."""
        from angzarr.types_pb2 import CommandOutcome as Outcome  # noqa: PLC0415 - imports this module

        outcome = Outcome(
            cover=command.cover,
            command_type=command.type_name,
            command_id=command.command_id,
            result=result,
            position=status.position,
        )
        if status.code:
            outcome.status.CopyFrom(status)
        return outcome
