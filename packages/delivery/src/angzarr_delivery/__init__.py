"""The subscription loop: checkpoint, window, lanes, retry budget, letters."""

from angzarr_delivery._errors import FailedError, HaltedError, PauseError
from angzarr_delivery._handler import Commit, Handler, Occurrence
from angzarr_delivery._policy import LOGIC, Policy, Report, Stored, log_condition
from angzarr_delivery._standby import standby
from angzarr_delivery._subscriber import Subscriber
from angzarr_delivery._subscription import Subscription

__all__ = [
    "LOGIC",
    "Commit",
    "FailedError",
    "HaltedError",
    "Handler",
    "Occurrence",
    "PauseError",
    "Policy",
    "Report",
    "Stored",
    "Subscriber",
    "Subscription",
    "log_condition",
    "standby",
]
