"""Whose projection it is, and of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.types_pb2 import Cover, Projection


class ProjectionTraits:
    """Behaviour of Projection."""

    def fill(self: Projection, cover: Cover, projector: str, sequence: int) -> Projection:
        """Fill in what the projector left empty (contract.md §4.8); return itself."""
        if not self.HasField("cover"):
            self.cover.CopyFrom(cover)
        self.projector = self.projector or projector
        self.sequence = self.sequence or sequence
        return self
