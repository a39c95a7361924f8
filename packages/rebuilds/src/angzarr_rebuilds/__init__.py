"""The command projector: a read model built anew beside the live one, compared, switched to."""

from angzarr_rebuilds._projector import projector

__all__ = ["projector"]
