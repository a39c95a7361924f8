"""Live events: every append that a caller asks for, once, in order, however slowly it reads."""

from angzarr_stream._serve import main, serve

__all__ = ["main", "serve"]
