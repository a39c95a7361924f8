"""Which messages a target means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._type_url import type_matches

if TYPE_CHECKING:
    from angzarr.types_pb2 import Target


class TargetTraits:
    """Behaviour of Target."""

    def covers(self: Target, domain: str, type_url: str) -> bool:
        """Say whether a message of `domain` with this type is meant; no types means all."""
        if self.domain in {"*", "#"}:
            if domain.startswith("_"):
                return False
        elif self.domain != domain:
            return False
        return not self.types or any(type_matches(name, type_url) for name in self.types)
