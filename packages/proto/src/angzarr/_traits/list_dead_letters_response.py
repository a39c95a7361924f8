"""What a list of letters comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.dead_letter_pb2 import ListDeadLettersResponse


class ListDeadLettersResponseTraits:
    """Behaviour of ListDeadLettersResponse."""

    @property
    def summary(self: ListDeadLettersResponse) -> str:
        """Say how many roots and events there are, and how many of them only wait."""
        places = {(it.component, it.cover.domain, it.cover.root.hex) for it in self.letters}
        roots, count = len(places), len(self.letters)
        failed = sum(it.attempts > 0 for it in self.letters)
        waiting = f", {count - failed} waiting behind it" * (failed < count)
        counts = f"{roots} root{'s' * (roots != 1)}, {count} event{'s' * (count != 1)}"
        return f"{counts} ({failed} failed{waiting})"
