"""The commands topology, trace and subscriber: what the system is and what it does."""

from angzarr_inspection._subscriber import subscriber
from angzarr_inspection._topology import topology
from angzarr_inspection._trace import trace

__all__ = ["subscriber", "topology", "trace"]
