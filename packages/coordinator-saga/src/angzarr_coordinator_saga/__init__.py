"""Events of one domain become commands to others: prepare, fetch, execute, record, send."""

from angzarr_coordinator_saga._serve import Ports, main, serve

__all__ = ["Ports", "main", "serve"]
