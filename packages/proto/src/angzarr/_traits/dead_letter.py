"""Where a letter stands in the list of all."""

from __future__ import annotations

import base64
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.dead_letter_pb2 import DeadLetter


class DeadLetterTraits:
    """Behaviour of DeadLetter."""

    @property
    def order(self: DeadLetter) -> tuple[str, str]:
        """Return what letters are ordered by, over all components (contract.md §4.14)."""
        if not self.HasField("parked_at"):
            return "", self.id
        parked_at = self.parked_at.ToDatetime(tzinfo=UTC)
        return parked_at.isoformat(timespec="microseconds"), self.id

    @property
    def page_token(self: DeadLetter) -> str:
        """Return the token of the page that follows the letter."""
        return base64.urlsafe_b64encode(" ".join(self.order).encode()).decode()
