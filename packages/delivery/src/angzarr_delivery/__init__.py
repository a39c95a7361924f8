"""The subscription loop: checkpoint, window, lanes, retry budget, letters."""

from angzarr_delivery._backoff import Backoff
from angzarr_delivery._feed import Feed
from angzarr_delivery._handler import Commit, FailedError, Handler, Occurrence, PauseError
from angzarr_delivery._subscriber import Subscriber
from angzarr_delivery._subscription import Policy, Source, Subscription

__all__ = [
    "Backoff",
    "Commit",
    "FailedError",
    "Feed",
    "Handler",
    "Occurrence",
    "PauseError",
    "Policy",
    "Source",
    "Subscriber",
    "Subscription",
]
