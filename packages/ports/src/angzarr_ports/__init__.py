"""What a process asks of the world: contracts, and the real implementations."""

from angzarr_ports._access import Access
from angzarr_ports._backoff import Backoff
from angzarr_ports._clock import Clock, SystemClock
from angzarr_ports._faults import Faults, NoFaults
from angzarr_ports._groups import first_of
from angzarr_ports._metrics import (
    SECONDS,
    Distribution,
    Family,
    Metric,
    MetricKind,
    Metrics,
    SystemMetrics,
)
from angzarr_ports._randomness import Randomness, SystemRandomness
from angzarr_ports._system import System, real_system
from angzarr_ports._tasks import SystemTasks, Tasks
from angzarr_ports._threads import SystemThreads, SystemWorker, Threads, Worker, shielded
from angzarr_ports._transport import CallFailedError, Transport
from angzarr_ports._trust import Trust

__all__ = [
    "SECONDS",
    "Access",
    "Backoff",
    "CallFailedError",
    "Clock",
    "Distribution",
    "Family",
    "Faults",
    "Metric",
    "MetricKind",
    "Metrics",
    "NoFaults",
    "Randomness",
    "System",
    "SystemClock",
    "SystemMetrics",
    "SystemRandomness",
    "SystemTasks",
    "SystemThreads",
    "SystemWorker",
    "Tasks",
    "Threads",
    "Transport",
    "Trust",
    "Worker",
    "first_of",
    "real_system",
    "shielded",
]
