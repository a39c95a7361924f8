"""Events of several domains become the events, commands and timers of a process."""

from angzarr_coordinator_process_manager._serve import main, serve

__all__ = ["main", "serve"]
