"""What an edition is, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.edition_pb2 import EditionInfo


class EditionInfoTraits:
    """Behaviour of EditionInfo."""

    @property
    def point(self: EditionInfo) -> str:
        """Return where it leaves main as people write it, "" if each root decides."""
        match self.divergence_point.WhichOneof("point_in_time"):
            case "as_of_sequence":
                return str(self.divergence_point.as_of_sequence)
            case "as_of_time":
                return self.divergence_point.as_of_time.ToJsonString()
            case None:
                return ""

    @property
    def plain(self: EditionInfo) -> dict[str, object]:
        """Return it as data."""
        return {
            "name": self.name,
            "created_at": self.created_at,
            "divergence_point": self.point or None,
            "description": self.description,
        }
