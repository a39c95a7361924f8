"""What a subscriber takes, how hard it tries, and whom it tells how it is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from angzarr.types_pb2 import EventBook
from angzarr_ports import Metric
from angzarr_store import Change, Lease

LOGIC = "logic answers"

Report = Callable[[str, str], Awaitable[None]]
Stored = Callable[[Lease, Sequence[Change]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one subscriber.

    Shape: `wants` is asked with the single-page book of an event; what it refuses counts as
    applied. `report(condition, fault)` hears that something does not hold, "" that it does again:
    LOGIC or a `log_condition`. `stands_by()` hears that another process has the leases, which
    makes every log as good as read. `begun(lease, flush)` hears of a lease; `flush` moves its
    checkpoint now over events that needed no change, which else waits for a poll.
    `stored(lease, changes)` hears what is durable under it. `duration` is the metric of its
    attempts, with the labels component, domain and outcome. Units: `window` is the number of
    events in work at once. `component` is who the metrics are of, if another name than that of
    the subscription.
    """

    wants: Callable[[EventBook], bool]
    report: Report
    stands_by: Callable[[], None]
    begun: Callable[[Lease, Callable[[], None]], None]
    stored: Stored
    duration: Metric
    attempts: int
    poll_seconds: float
    window: int
    component: str = ""


def log_condition(domain: str) -> str:
    """Return what `Policy.report` calls it that a log can be read."""
    return f"log of {domain}"
