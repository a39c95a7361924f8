"""Which history a cover names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from angzarr._names import MAIN

if TYPE_CHECKING:
    import uuid

    from angzarr.types_pb2 import Cover


class CoverTraits:
    """Behaviour of Cover."""

    @property
    def edition_name(self: Cover) -> str:
        """Return the canonical name of the edition; main is "angzarr"."""
        return self.edition.name or MAIN

    @property
    def is_main(self: Cover) -> bool:
        """Say whether the cover is on the main timeline."""
        return self.edition_name == MAIN

    @property
    def divergence(self: Cover) -> int | None:
        """Return where it says that its edition leaves main in its domain, None if it does not."""
        if self.is_main:
            return None
        named = (it.sequence for it in self.edition.divergences if it.domain == self.domain)
        return next(named, None)

    def address(
        self: Cover,
        domain: str,
        root: bytes | uuid.UUID,
        *,
        edition: str = "",
        correlation: str = "",
    ) -> Cover:
        """Fill in domain, root, canonical edition and correlation id; return the cover itself."""
        self.domain = domain
        self.root.value = root if isinstance(root, bytes) else root.bytes
        self.edition.name = edition or MAIN
        self.correlation_id = correlation
        return self
