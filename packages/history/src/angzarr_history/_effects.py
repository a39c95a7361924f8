"""What subscribers have made durable, as far as a history has been read."""

from collections import defaultdict

from angzarr_history._facts import Place
from angzarr_history._later_records import Stepped
from angzarr_history._process_rules import is_whole
from angzarr_history._records import Committed, Record, Wanted
from angzarr_store import (
    LetterState,
    ProcessBatch,
    ReactionState,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)


class Effects:
    """The durable effects so far."""

    def __init__(self) -> None:
        self._projected: set[tuple[Place, RootKey, int]] = set()
        self._parked: set[tuple[Place, int]] = set()
        self._reactions: dict[tuple[Place, int], dict[int, bool]] = defaultdict(dict)
        self._steps: dict[str, ProcessBatch] = {}

    def take(self, record: Record) -> None:
        """Add those of a transaction."""
        if isinstance(record, Stepped):
            self._steps[record.batch.command_id] = record.batch
        elif isinstance(record, Committed):
            self._take(record)

    def _take(self, commit: Committed) -> None:
        place = (commit.subscriber, commit.domain)
        for change in commit.changes:
            match change:
                case SaveProjection():
                    self._projected.add((place, change.key, change.sequence))
                case SaveLetter(letter=letter) if letter.state is not LetterState.RETRYING:
                    self._parked.add((place, letter.position))
                case SaveReaction(reaction=it):
                    is_done = it.state is not ReactionState.OWED
                    self._reactions[place, it.position][it.index] = is_done
                case _:
                    pass

    def has(self, place: Place, it: Wanted) -> bool:
        """Say whether a wanted event has its effect, or a letter."""
        if (place, it.position) in self._parked:
            return True
        if it.commands is None:
            return (place, it.key, it.sequence) in self._projected
        if it.decision and not is_whole(it, self._steps.get(it.decision)):
            return False
        results = self._reactions.get((place, it.position), {})
        return len(results) >= it.commands and all(results.values())
