"""Contract tests that every bus passes."""

from angzarr_bus_conformance._contract import BusContract, Connect, delivered, frame

__all__ = ["BusContract", "Connect", "delivered", "frame"]
