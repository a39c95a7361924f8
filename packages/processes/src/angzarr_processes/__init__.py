"""The commands `process` and `timer` of angzarr: instances of process managers, what they await."""

from angzarr_processes._process import process
from angzarr_processes._timer import timer

__all__ = ["process", "timer"]
