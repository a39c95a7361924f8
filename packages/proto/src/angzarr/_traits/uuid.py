"""A root as bytes, text and uuid.UUID."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.types_pb2 import UUID


class UUIDTraits:
    """Behaviour of UUID."""

    @property
    def uuid(self: UUID) -> uuid.UUID:
        """Return the value.

        Raises:
            ValueError: it has not 16 bytes.
        """
        if len(self.value) != 16:  # noqa: PLR2004 - the length of a UUID
            raise ValueError(f"Invalid UUID: expected 16 bytes, got {len(self.value)}")
        return uuid.UUID(bytes=self.value)

    @property
    def hex(self: UUID) -> str:
        """Return 32 lower-case hex digits."""
        return self.value.hex()
