"""Whether a request for timers means something, and which page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from angzarr._fault import Fault

if TYPE_CHECKING:
    from angzarr.timer_pb2 import ListTimersRequest

USUAL_TIMERS = 50
MOST_TIMERS = 500
BEHIND_ALL = "~"


class ListTimersRequestTraits:
    """Behaviour of ListTimersRequest."""

    def fault(self: ListTimersRequest) -> Fault | None:
        """Return the first thing wrong with the shape, or None."""
        try:
            self.after("")
        except ValueError:
            return Fault("page_token", "page_token must come from the page before")
        return None

    @property
    def limit(self: ListTimersRequest) -> int:
        """Return how many timers a page may have."""
        return min(self.page_size or USUAL_TIMERS, MOST_TIMERS)

    def after(self: ListTimersRequest, component: str) -> tuple[str, str, bytes, str]:
        """Return (deadline, edition, root, type) behind which the page begins in a component.

        Raises:
            ValueError: the token is not one of ours.
        """
        if not self.page_token:
            return "", "", b"", ""
        token = base64.b64decode(self.page_token.encode(), b"-_", validate=True)
        deadline, last, edition, root, timer_type = token.decode().split(" ")
        place = (deadline, edition, bytes.fromhex(root), timer_type)
        if component == last:
            return place
        return deadline, "" if component > last else BEHIND_ALL, b"", ""
