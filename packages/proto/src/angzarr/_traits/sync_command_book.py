"""What a caller waits for beside the commit of its command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.types_pb2 import SyncCommandBook

MODES = range(3)


class SyncCommandBookTraits:
    """Behaviour of SyncCommandBook."""

    def fault(self: SyncCommandBook) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.2), or None."""
        if not self.HasField("command"):
            return Fault("command", "SyncCommandBook must have a command")
        if self.sync_mode not in MODES:
            return Fault("sync_mode", f"Unknown sync mode: {self.sync_mode}")
        return None
