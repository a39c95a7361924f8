"""How often a caller may call: a token bucket per identity (security.md C9)."""

from typing import NamedTuple

KEPT = 4096


class _Level(NamedTuple):
    tokens: float
    at: float


class Buckets:
    """One bucket per identity, filled by `per_second` up to as many; 0 admits everybody."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._levels: dict[str, _Level] = {}
        self._many = KEPT

    def take(self, identity: str, now: float) -> float:
        """Take one token; return 0, or with an empty bucket the seconds until there is one."""
        if not self._rate:
            return 0.0
        tokens = self._tokens(self._levels.get(identity, _Level(self._rate, now)), now)
        if tokens < 1:
            return (1 - tokens) / self._rate
        self._levels[identity] = _Level(tokens - 1, now)
        if len(self._levels) > self._many:
            self._forget(now)
        return 0.0

    def _tokens(self, level: _Level, now: float) -> float:
        return min(self._rate, level.tokens + (now - level.at) * self._rate)

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again: a new one is as good."""
        self._levels = {
            identity: level
            for identity, level in self._levels.items()
            if self._tokens(level, now) < self._rate
        }
        self._many = max(KEPT, 2 * len(self._levels))
