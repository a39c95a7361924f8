"""What a component says about itself: what it reads and sends."""

from angzarr_descriptor._asked import DESCRIPTOR_METHODS, descriptor_of

__all__ = ["DESCRIPTOR_METHODS", "descriptor_of"]
