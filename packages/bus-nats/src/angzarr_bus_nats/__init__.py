"""Bus over NATS JetStream."""

from angzarr_bus_nats._bus import NatsBus

__all__ = ["NatsBus"]
