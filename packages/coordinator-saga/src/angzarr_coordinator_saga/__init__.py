"""Events of one domain become commands to others: prepare, fetch, execute, record, send."""

from angzarr_coordinator_saga._serve import main, serve

__all__ = ["main", "serve"]
