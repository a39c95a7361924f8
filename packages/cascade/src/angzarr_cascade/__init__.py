"""What follows from an append, as far as somebody waits for it."""

from angzarr_cascade._cascade import Cascade

__all__ = ["Cascade"]
