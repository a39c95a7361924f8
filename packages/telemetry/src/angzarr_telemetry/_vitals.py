"""How far one subscription is, how long what waits has waited, and what it cost."""

from dataclasses import dataclass
from typing import Protocol

from angzarr_ports import Metric, MetricKind, System
from angzarr_telemetry._never import NEVER

LOOK_SECONDS = 1.0
STALL_SECONDS = 30.0

_LABELS = ("component", "domain")


def _gauge(name: str, text: str) -> Metric:
    return Metric(name=f"angzarr_{name}", help=text, kind=MetricKind.GAUGE, labels=_LABELS)


POSITION = _gauge("subscriber_position", "Checkpoint.")
LAG_EVENTS = _gauge("lag_events", "Positions between the checkpoint and the head.")
LAG_SECONDS = _gauge("lag_seconds", "Age of the oldest event that is not applied.")
STALLED = _gauge("stalled", "1 when the checkpoint stood behind the head for 30 s.")
BEHIND = _gauge("behind", "1 while the log is read because the bus did not bring it.")
PARKED_ROOTS = _gauge("parked_roots", "Roots whose events are parked.")
PARKED_EVENTS = _gauge("parked_events", "Events that are parked.")
PARKED_AGE = _gauge("parked_age_seconds", "Age of the oldest event that is parked.")
ATTEMPTS = _gauge("attempts", "Failed attempts of the events that are tried again.")
UNKNOWN_OUTCOMES = _gauge("unknown_outcomes", "Events whose command may have taken effect.")
REACTIONS_AGE = _gauge("reactions_pending_age_seconds", "Age of the oldest command still owed.")
BACKFILLS = Metric(
    name="angzarr_feed_backfills_total",
    help="Times that the log was read, by what made it necessary.",
    kind=MetricKind.COUNTER,
    labels=(*_LABELS, "reason"),
)
FRAMES_DROPPED = Metric(
    name="angzarr_frames_dropped_total",
    help="Frames of the bus that were not used, by why.",
    kind=MetricKind.COUNTER,
    labels=(*_LABELS, "reason"),
)


class Place(Protocol):
    """Where a subscription stands; `oldest` is the wall time of the oldest open event, else 0."""

    @property
    def stored(self) -> int:
        """Return the checkpoint."""

    @property
    def oldest(self) -> float:
        """Return when the oldest event in work was created, 0 without one."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What waits and since when; times are of the wall for events, of the clock for commands."""

    parked_roots: int
    parked_events: int
    parked_since: float
    attempts: int
    unknown: int
    owed_since: float | None


class Vitals:
    """The metrics of one subscription."""

    def __init__(self, subscriber: str, domain: str, duration: Metric, system: System) -> None:
        self.system = system
        self._metrics = system.metrics
        self._who = {"component": subscriber, "domain": domain}
        self._duration = duration
        self._head = 0
        self._stored = -1
        self._moved_at = system.clock.monotonic()
        for metric in NEVER:
            self._metrics.count(metric, 0, **self._who)

    def took(self, outcome: str, began: float) -> None:
        """Note the end of an attempt that began at a time of the clock."""
        seconds = self.system.clock.monotonic() - began
        self._metrics.observe(self._duration, seconds, outcome=outcome, **self._who)

    def heard(self, head: int) -> None:
        """Note how long the log is."""
        self._head = max(self._head, head)

    def backfilled(self, reason: str) -> None:
        """Note that the log must be read."""
        self._metrics.count(BACKFILLS, reason=reason, **self._who)
        self._metrics.set(BEHIND, 1, **self._who)

    def caught_up(self) -> None:
        """Note that the log was read to its head."""
        self._metrics.set(BEHIND, 0, **self._who)

    def dropped(self, reason: str) -> None:
        """Note a frame that was not used."""
        self._metrics.count(FRAMES_DROPPED, reason=reason, **self._who)

    def violated(self, metric: Metric) -> None:
        """Note what must never happen."""
        self._metrics.count(metric, **self._who)

    def look(self, place: Place, tally: Tally) -> None:
        """Set every gauge to how it is now."""
        now = self.system.clock.now().timestamp()
        ticks = self.system.clock.monotonic()
        if place.stored != self._stored or place.stored >= self._head:
            self._stored, self._moved_at = place.stored, ticks
        lag, waited = max(0, self._head - place.stored), ticks - self._moved_at
        owed = 0.0 if tally.owed_since is None else ticks - tally.owed_since
        for metric, value in (
            (POSITION, place.stored),
            (LAG_EVENTS, lag),
            (LAG_SECONDS, max(0.0, now - place.oldest) if place.oldest else waited * bool(lag)),
            (STALLED, float(bool(lag) and waited >= STALL_SECONDS)),
            (PARKED_ROOTS, tally.parked_roots),
            (PARKED_EVENTS, tally.parked_events),
            (PARKED_AGE, max(0.0, now - tally.parked_since) if tally.parked_events else 0.0),
            (ATTEMPTS, tally.attempts),
            (UNKNOWN_OUTCOMES, tally.unknown),
            (REACTIONS_AGE, owed),
        ):
            self._metrics.set(metric, value, **self._who)
