"""Bus over named pipes in a private directory."""

from angzarr_bus_ipc._bus import IpcBus

__all__ = ["IpcBus"]
