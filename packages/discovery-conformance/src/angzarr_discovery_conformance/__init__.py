"""Contract tests that every discovery passes."""

from angzarr_discovery_conformance._contract import Discover, DiscoveryContract, component

__all__ = ["Discover", "DiscoveryContract", "component"]
