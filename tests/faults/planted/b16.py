"""B16: parking in two transactions: the event is done in the first, its letter is the second."""

from collections.abc import Sequence
from typing import Any

from angzarr_delivery._committer import Committer
from angzarr_store import Change, LetterState, SaveLetter


def plant() -> None:
    """Split what parks an event."""
    committer: Any = Committer
    commit = committer.commit

    async def split(self: Committer, changes: Sequence[Change], *, done: int | None = None) -> None:
        letters = [it.letter.state for it in changes if isinstance(it, SaveLetter)]
        if done is not None and LetterState.PARKED in letters:
            await commit(self, [], done=done)
            done = None
        await commit(self, changes, done=done)

    committer.commit = split
