"""Whether a request for letters means something, and which page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.dead_letter_pb2 import ListDeadLettersRequest

USUAL_LETTERS = 50
MOST_LETTERS = 500


class ListDeadLettersRequestTraits:
    """Behaviour of ListDeadLettersRequest."""

    def fault(self: ListDeadLettersRequest) -> Fault | None:
        """Return the first thing wrong with the shape, or None."""
        length = len(self.root.value)
        if self.HasField("root") and length != 16:  # noqa: PLR2004 - the length of a UUID
            return Fault("root", f"Invalid UUID: expected 16 bytes, got {length}")
        try:
            _ = self.after
        except ValueError:
            return Fault("page_token", "page_token must come from the page before")
        return None

    @property
    def limit(self: ListDeadLettersRequest) -> int:
        """Return how many letters a page may have."""
        return min(self.page_size or USUAL_LETTERS, MOST_LETTERS)

    @property
    def after(self: ListDeadLettersRequest) -> tuple[str, str]:
        """Return the order of the last letter of the page before, empty texts for the first page.

        Raises:
            ValueError: the token is not one of ours.
        """
        if not self.page_token:
            return "", ""
        token = base64.b64decode(self.page_token.encode(), b"-_", validate=True)
        parked_at, id_ = token.decode().split(" ", 1)
        return parked_at, id_
