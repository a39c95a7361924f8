"""The newest form of stored events, as an upcaster of the author's knows it."""

from angzarr_upcaster._upcaster import Upcaster

__all__ = ["Upcaster"]
