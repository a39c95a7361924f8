"""The log of a domain as its owner serves it: read, announced, verified, and what may enter it."""

from angzarr_log._announcer import Announcer
from angzarr_log._editions import Editions
from angzarr_log._exports import HeadExport
from angzarr_log._feed import Feed
from angzarr_log._histories import Histories
from angzarr_log._queries import Queries
from angzarr_log._refusals import no_handler
from angzarr_log._reply import ReplyRule, invalid
from angzarr_log._snapshots import Snapshots
from angzarr_log._timelines import timeline_of
from angzarr_log._watch import start_watching

__all__ = [
    "Announcer",
    "Editions",
    "Feed",
    "HeadExport",
    "Histories",
    "Queries",
    "ReplyRule",
    "Snapshots",
    "invalid",
    "no_handler",
    "start_watching",
    "timeline_of",
]
