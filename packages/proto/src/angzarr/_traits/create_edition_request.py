"""Whether an edition can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._names import MAIN, is_edition_name

if TYPE_CHECKING:
    from angzarr.edition_pb2 import CreateEditionRequest


class CreateEditionRequestTraits:
    """Behaviour of CreateEditionRequest."""

    def fault(self: CreateEditionRequest) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.11), or None."""
        if self.name in {"", MAIN}:
            return Fault("name", f"Edition name {self.name or MAIN} is the main timeline")
        if not is_edition_name(self.name):
            return Fault("name", f"Invalid edition name: {self.name}")
        if not self.HasField("divergence_point"):
            return None
        return self.divergence_point.fault(
            "TemporalQuery must specify as_of_time or as_of_sequence"
        )
