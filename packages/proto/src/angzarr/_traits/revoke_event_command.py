"""What a refused command's way back leads to when the source cannot take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._identity import failure_command_id, failure_root
from angzarr._names import FAILURE_DOMAIN
from angzarr._type_url import FRAMEWORK_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

    from angzarr.types_pb2 import CommandBook, RevokeEventCommand


class RevokeEventCommandTraits:
    """Behaviour of RevokeEventCommand."""

    def failure(self: RevokeEventCommand, why: str, at: datetime) -> CommandBook:
        """Return the command that records that nothing was taken back (contract.md §4.6 step 4)."""
        from angzarr.types_pb2 import CommandBook as Book  # noqa: PLC0415 - imports this module
        from angzarr.types_pb2 import SagaCompensationFailed  # noqa: PLC0415 - imports this module

        rejected = self.rejected_command
        source = rejected.saga_origin.triggering_aggregate
        failed = SagaCompensationFailed(
            triggering_aggregate=source,
            triggering_event_sequence=self.triggering_event_sequence,
            saga_name=self.saga_name,
            rejection_reason=self.rejection_reason,
            compensation_failure_reason=why,
            rejected_command=rejected,
        )
        failed.occurred_at.FromDatetime(at)
        book = Book(cover=source, saga_origin=rejected.saga_origin)
        book.command_id = failure_command_id(rejected.command_id)
        book.cover.domain = FAILURE_DOMAIN
        book.cover.root.value = failure_root(rejected.command_id).bytes
        book.pages.add().command.Pack(failed, FRAMEWORK_PREFIX)
        return book
