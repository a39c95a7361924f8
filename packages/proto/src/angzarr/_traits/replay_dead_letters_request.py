"""Whether a request to replay letters means something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.dead_letter_pb2 import ReplayDeadLettersRequest


class ReplayDeadLettersRequestTraits:
    """Behaviour of ReplayDeadLettersRequest."""

    def fault(self: ReplayDeadLettersRequest) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.14), or None."""
        if bool(self.ids) == self.HasField("selection"):
            return Fault("ids", "Give either ids or a selection")
        return None
