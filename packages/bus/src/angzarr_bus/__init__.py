"""Contract of the bus: publish after commit, subscribe by domain."""

from angzarr_bus._bus import Bus, BusConfig, Inbox
from angzarr_bus._errors import BusError, BusUnavailableError, FrameError
from angzarr_bus._frame import Frame

__all__ = [
    "Bus",
    "BusConfig",
    "BusError",
    "BusUnavailableError",
    "Frame",
    "FrameError",
    "Inbox",
]
