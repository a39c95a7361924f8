"""Events become a read model: one call per event, in order per root, checkpoint with the result."""

from angzarr_coordinator_projector._serve import main, serve

__all__ = ["main", "serve"]
