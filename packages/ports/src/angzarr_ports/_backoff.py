"""How long to wait before trying again."""

from dataclasses import dataclass

from angzarr_ports._randomness import Randomness


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_seconds` to `longest_seconds`; the upper half of a delay is chance."""

    first_seconds: float = 0.2
    longest_seconds: float = 30.0

    def seconds(self, attempt: int, randomness: Randomness) -> float:
        """Return the delay after the failed `attempt`, counted from 1."""
        doubled = self.first_seconds * 2.0 ** min(attempt - 1, 32)
        return min(self.longest_seconds, doubled) * randomness.uniform(0.5, 1.0)
