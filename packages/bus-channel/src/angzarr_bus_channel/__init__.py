"""Bus inside one process, the reference of the contract, and a lossy wrapper for tests."""

from angzarr_bus_channel._bus import ChannelBus
from angzarr_bus_channel._lossy import Losses, LossyBus

__all__ = ["ChannelBus", "Losses", "LossyBus"]
