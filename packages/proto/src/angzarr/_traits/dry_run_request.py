"""Whether a dry run says what to run, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.types_pb2 import DryRunRequest


class DryRunRequestTraits:
    """Behaviour of DryRunRequest."""

    def fault(self: DryRunRequest) -> Fault | None:
        """Return the first thing wrong with the shape (contract.md §4.3), or None.

        The command in it has its own.
        """
        if not self.HasField("command"):
            return Fault("command", "DryRunRequest must have a command")
        missing = "DryRun requires either as_of_sequence or as_of_timestamp"
        return self.point_in_time.fault(missing)
