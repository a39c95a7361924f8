"""Where a timer stands in the list of all."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from angzarr._instant import instant

if TYPE_CHECKING:
    from angzarr.timer_pb2 import Timer


class TimerTraits:
    """Behaviour of Timer."""

    @property
    def order(self: Timer) -> tuple[str, str, str, str, str]:
        """Return what timers are ordered by, over all components (contract.md §4.7)."""
        cover = self.cover
        place = (cover.edition_name, cover.root.value.hex(), self.timer_type)
        return (instant(self.deadline), self.component, *place)

    @property
    def page_token(self: Timer) -> str:
        """Return the token of the page that follows the timer."""
        return base64.urlsafe_b64encode(" ".join(self.order).encode()).decode()
