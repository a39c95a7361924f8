"""What a subscriber takes, how hard it tries, and whom it tells how it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from angzarr.types_pb2 import EventBook
from angzarr_ports import Metric

LOGIC = "logic answers"

Wants = Callable[[EventBook], bool]
Report = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one subscriber.

    Shape: `wants` is asked with the single-page book of an event; what it refuses counts as
    applied. `report(condition, fault)` hears that something does not hold, "" that it does again:
    LOGIC, and "log of DOMAIN". `duration` is the metric of its attempts, with the labels component,
    domain and outcome. Units: `window` is the number of events in work at once.
    """

    wants: Wants
    report: Report
    duration: Metric
    attempts: int
    poll_seconds: float
    window: int
