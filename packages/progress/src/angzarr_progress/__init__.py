"""How far a subscriber has come, and what an append led to."""

from angzarr_progress._appends import append_at
from angzarr_progress._progress import Progress
from angzarr_progress._track import Track
from angzarr_progress._watch import Watch

__all__ = ["Progress", "Track", "Watch", "append_at"]
