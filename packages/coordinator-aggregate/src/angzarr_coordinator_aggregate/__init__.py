"""Commands of one domain: admit, lane, state, logic, append, acknowledge, wake."""

from angzarr_coordinator_aggregate._serve import main, serve

__all__ = ["main", "serve"]
