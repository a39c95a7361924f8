"""Clock, randomness, tasks, threads, transport, fault points: contracts and the real ones."""

from angzarr_ports._clock import Clock, SystemClock
from angzarr_ports._faults import Faults, NoFaults
from angzarr_ports._randomness import Randomness, SystemRandomness
from angzarr_ports._system import System, real_system
from angzarr_ports._tasks import SystemTasks, Tasks
from angzarr_ports._threads import SystemThreads, SystemWorker, Threads, Worker
from angzarr_ports._transport import CallFailedError, Transport

__all__ = [
    "CallFailedError",
    "Clock",
    "Faults",
    "NoFaults",
    "Randomness",
    "System",
    "SystemClock",
    "SystemRandomness",
    "SystemTasks",
    "SystemThreads",
    "SystemWorker",
    "Tasks",
    "Threads",
    "Transport",
    "Worker",
    "real_system",
]
