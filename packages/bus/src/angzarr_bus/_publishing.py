"""What became of published frames, counted alike by every bus (operations.md §4)."""

from angzarr_ports import Metric, MetricKind, System

PUBLISHED = Metric(
    name="angzarr_bus_publish_total",
    help="Frames offered to the subscribers of a domain; lost by at least one, or not.",
    kind=MetricKind.COUNTER,
    labels=("bus", "domain", "outcome"),
)
DURATION = Metric(
    name="angzarr_bus_publish_duration_seconds",
    help="How long offering a frame took.",
    kind=MetricKind.HISTOGRAM,
    labels=("bus", "domain", "outcome"),
)
CONNECTED = Metric(
    name="angzarr_bus_connected",
    help="Whether frames can be offered now.",
    kind=MetricKind.GAUGE,
    labels=("bus",),
)


class Publishing:
    """Counts the frames of one bus; `kind` is its configuration value."""

    def __init__(self, kind: str, system: System) -> None:
        self._kind = kind
        self._system = system
        self.connected(is_connected=True)

    def connected(self, *, is_connected: bool) -> None:
        """Note whether frames can be offered; a bus that has no connection always can."""
        self._system.metrics.set(CONNECTED, float(is_connected), bus=self._kind)

    def begin(self) -> float:
        """Return the time of the clock at which a frame is offered."""
        return self._system.clock.monotonic()

    def end(self, domain: str, began: float, *, lost: bool) -> None:
        """Count a frame that was offered."""
        labels = {"bus": self._kind, "domain": domain, "outcome": "lost" if lost else "published"}
        took = self._system.clock.monotonic() - began
        self._system.metrics.count(PUBLISHED, **labels)
        self._system.metrics.observe(DURATION, took, **labels)
