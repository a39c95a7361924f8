"""Which process a timer belongs to that is to be cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._fault import Fault
from angzarr._identity import process_root

if TYPE_CHECKING:
    from angzarr.timer_pb2 import CancelTimerRequest


class CancelTimerRequestTraits:
    """Behaviour of CancelTimerRequest."""

    def fault(self: CancelTimerRequest) -> Fault | None:
        """Return the first thing wrong with the shape, or None."""
        length = len(self.cover.root.value)
        if self.cover.HasField("root") and length != 16:  # noqa: PLR2004 - the length of a UUID
            return Fault("cover.root", f"Invalid UUID: expected 16 bytes, got {length}")
        if not self.cover.HasField("root") and not self.cover.correlation_id:
            return Fault("cover", "CancelTimerRequest must have a root UUID or correlation_id")
        if not self.timer_type:
            return Fault("timer_type", "CancelTimerRequest must have a timer_type")
        return None

    @property
    def process(self: CancelTimerRequest) -> bytes:
        """Return the root of the process; a root wins over a correlation id."""
        if self.cover.HasField("root"):
            return self.cover.root.value
        return process_root(self.cover.correlation_id).bytes
