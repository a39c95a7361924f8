"""State of a root from its stored events."""

from angzarr_replay._history import book_of, read_page, snapshot_of, state_of

__all__ = ["book_of", "read_page", "snapshot_of", "state_of"]
