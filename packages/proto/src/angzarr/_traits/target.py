"""Which messages a target means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._type_url import type_matches

if TYPE_CHECKING:
    from angzarr.types_pb2 import Target


class TargetTraits:
    """Behaviour of Target."""

    @property
    def is_wildcard(self: Target) -> bool:
        """Say whether every domain is meant but those of the framework (contract.md §3.5)."""
        return self.domain in {"*", "#"}

    def means(self: Target, domain: str) -> bool:
        """Say whether the domain is meant."""
        return not domain.startswith("_") if self.is_wildcard else domain == self.domain

    def covers(self: Target, domain: str, type_url: str, *, anywhere: bool = False) -> bool:
        """Say whether a message of `domain` with this type is meant; no types means all.

        `anywhere`: a type is the ending of a name, wherever that begins (contract.md §3.4).
        """
        if not self.means(domain):
            return False
        matches = (type_matches(it, type_url, anywhere=anywhere) for it in self.types)
        return not self.types or any(matches)
