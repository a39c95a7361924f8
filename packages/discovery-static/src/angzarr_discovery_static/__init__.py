"""Discovery from configuration."""

from angzarr_discovery_static._discovery import StaticDiscovery

__all__ = ["StaticDiscovery"]
