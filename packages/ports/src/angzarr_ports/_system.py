"""The ports of one process, together."""

from collections.abc import Callable
from dataclasses import dataclass

from angzarr_ports._access import Access
from angzarr_ports._clock import Clock, SystemClock
from angzarr_ports._faults import Faults, NoFaults
from angzarr_ports._metrics import Metrics, SystemMetrics
from angzarr_ports._randomness import Randomness, SystemRandomness
from angzarr_ports._tasks import SystemTasks, Tasks
from angzarr_ports._threads import SystemThreads, Threads
from angzarr_ports._transport import Transport
from angzarr_ports._trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything a component may ask of the world that is not a store, bus or peer.

    Without a `transport` peers are reached by gRPC over sockets; without `trust` only those on
    this machine. Without `access` a caller with a certificate may call nothing.
    """

    clock: Clock
    randomness: Randomness
    tasks: Tasks
    threads: Threads
    faults: Faults
    metrics: Metrics
    transport: Transport | None = None
    trust: Trust | None = None
    access: Access | None = None


def real_system(on_failure: Callable[[str, BaseException], None]) -> System:
    """Return the ports of this machine; `on_failure` hears of every task that died."""
    return System(
        clock=SystemClock(),
        randomness=SystemRandomness(),
        tasks=SystemTasks(on_failure),
        threads=SystemThreads(),
        faults=NoFaults(),
        metrics=SystemMetrics(),
    )
