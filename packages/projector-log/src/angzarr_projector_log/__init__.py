"""Every event as a log line."""

from angzarr_projector_log._serve import main, serve

__all__ = ["main", "serve"]
