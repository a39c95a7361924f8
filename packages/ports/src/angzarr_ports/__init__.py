"""Clock, randomness, tasks, threads and fault points: contracts and the real ones."""

from angzarr_ports._clock import Clock, SystemClock
from angzarr_ports._faults import Faults, NoFaults
from angzarr_ports._randomness import Randomness, SystemRandomness
from angzarr_ports._system import System, real_system
from angzarr_ports._tasks import SystemTasks, Tasks
from angzarr_ports._threads import SystemThreads, SystemWorker, Threads, Worker

__all__ = [
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
    "Worker",
    "real_system",
]
