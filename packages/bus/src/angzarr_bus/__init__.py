"""Contract of the bus: publish after commit, subscribe by domain."""

from angzarr_bus._bus import Bus, BusConfig, Inbox
from angzarr_bus._errors import BusError, BusRefusedError, BusUnavailableError, FrameError
from angzarr_bus._frame import Frame
from angzarr_bus._publishing import Publishing
from angzarr_bus._queue import FrameQueue

__all__ = [
    "Bus",
    "BusConfig",
    "BusError",
    "BusRefusedError",
    "BusUnavailableError",
    "Frame",
    "FrameError",
    "FrameQueue",
    "Inbox",
    "Publishing",
]
