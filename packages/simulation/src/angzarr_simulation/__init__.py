"""Seeded loop, virtual time and the ports of simulated processes."""

from angzarr_simulation._bus import SimulatedBus
from angzarr_simulation._chances import Chances, Dice
from angzarr_simulation._disk import Disk
from angzarr_simulation._failures import Failures
from angzarr_simulation._loop import SimulatedLoop, StuckError, run
from angzarr_simulation._network import Network
from angzarr_simulation._ports import simulated_system
from angzarr_simulation._process import KilledError, Process
from angzarr_simulation._store import SimulatedStore, Watcher

__all__ = [
    "Chances",
    "Dice",
    "Disk",
    "Failures",
    "KilledError",
    "Network",
    "Process",
    "SimulatedBus",
    "SimulatedLoop",
    "SimulatedStore",
    "StuckError",
    "Watcher",
    "run",
    "simulated_system",
]
