"""Whether a request to discard letters means something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.dead_letter_pb2 import DiscardDeadLettersRequest


class DiscardDeadLettersRequestTraits:
    """Behaviour of DiscardDeadLettersRequest."""

    def fault(self: DiscardDeadLettersRequest) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.14), or None."""
        if bool(self.ids) == self.HasField("selection"):
            return Fault("ids", "Give either ids or a selection")
        if not self.note.strip():
            return Fault("note", "Discard needs a note")
        return None
