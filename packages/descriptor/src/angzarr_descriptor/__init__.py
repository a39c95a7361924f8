"""What a component says about itself: what it reads and sends."""

from angzarr_descriptor._asked import DESCRIPTOR_METHODS, descriptor_of
from angzarr_descriptor._presence import HEARTBEAT_SECONDS, TOPOLOGY_DOMAIN, tell

__all__ = [
    "DESCRIPTOR_METHODS",
    "HEARTBEAT_SECONDS",
    "TOPOLOGY_DOMAIN",
    "descriptor_of",
    "tell",
]
