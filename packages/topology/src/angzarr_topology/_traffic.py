"""How much of something was seen: in all, lately, per edition, and what came last."""

from collections import Counter, deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 60
LONGEST_WINDOW_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One event: when it was created, in seconds of Unix time."""

    position: int
    edition: str
    type_name: str
    correlation_id: str
    at: float


@dataclass(slots=True)
class Traffic:
    """Counts events; `last` is the one that was counted last."""

    last: Seen | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _recent: deque[tuple[int, str, int]] = field(default_factory=deque)

    def count(self, seen: Seen, now: float) -> None:
        """Count one event that was seen now; `now` is in seconds of the clock."""
        self.last = seen
        self._counts[seen.edition] += 1
        second, known = int(now), 0
        if self._recent and self._recent[-1][:2] == (second, seen.edition):
            known = self._recent.pop()[2]
        self._recent.append((second, seen.edition, known + 1))
        while self._recent[0][0] < second - LONGEST_WINDOW_SECONDS:
            self._recent.popleft()

    def total(self, edition: str) -> int:
        """Return how many there were on an edition; "" means every one."""
        return self._counts[edition] if edition else self._counts.total()

    def rate(self, edition: str, now: float, window_seconds: int) -> float:
        """Return how many there were lately, per second."""
        since = int(now) - window_seconds
        lately = (
            count for second, its, count in self._recent if second > since and edition in {"", its}
        )
        return sum(lately) / window_seconds
