"""Brings a log in order: from the bus when it continues what is known, else from the feed."""

from angzarr_reader._delta import Delta
from angzarr_reader._reader import Reader, Tip
from angzarr_reader._source import Feed, Source
from angzarr_reader._violation import ViolationError

__all__ = ["Delta", "Feed", "Reader", "Source", "Tip", "ViolationError"]
