"""Whether an edition can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._names import MAIN, is_edition_name

if TYPE_CHECKING:
    from angzarr.edition_pb2 import DeleteEditionRequest


class DeleteEditionRequestTraits:
    """Behaviour of DeleteEditionRequest."""

    def fault(self: DeleteEditionRequest) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.11), or None."""
        if self.name in {"", MAIN}:
            return Fault("name", "The main timeline cannot be deleted")
        if not is_edition_name(self.name):
            return Fault("name", f"Invalid edition name: {self.name}")
        return None
