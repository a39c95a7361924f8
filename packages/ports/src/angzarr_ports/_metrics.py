"""Numbers that say how a process is: counted, set and observed where the thing happens."""

import threading
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import override

PREFIX = "angzarr_"
LABEL_NAMES = (
    "domain component kind outcome store bus mode code message_type queue invariant reason version"
)
LABELS = frozenset(LABEL_NAMES.split(" "))
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class MetricKind(StrEnum):
    """What a metric's value means."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The declaration of one metric: a constant of the module that emits it.

    Shape: `labels` names what tells its series apart, never an identifier; `bounds` are the upper
    ends of a histogram's buckets.
    Rule: operations.md §4.

    Raises:
        ValueError: the name has another prefix, or a label is not one of the allowed.
    """

    name: str
    help: str
    kind: MetricKind
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = SECONDS

    def __post_init__(self) -> None:
        """Refuse a name or label that operations.md §4 does not know."""
        if not self.name.startswith(PREFIX):
            raise ValueError(f"metric {self.name} must begin with {PREFIX}")
        if unknown := set(self.labels) - LABELS:
            raise ValueError(f"metric {self.name} has labels that are not allowed: {unknown}")


@dataclass(slots=True)
class Distribution:
    """What a histogram has seen: how many values up to each bound, and their sum."""

    counts: list[int]
    sum: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A metric with its series; a key holds the values of the metric's labels in their order."""

    metric: Metric
    series: Mapping[tuple[str, ...], "float | Distribution"]


class Metrics(ABC):
    """Takes the numbers of one process; every method may be called on any thread."""

    @abstractmethod
    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter; an amount of 0 only makes it visible."""

    @abstractmethod
    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Replace the value of a gauge."""

    @abstractmethod
    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Add a value to a histogram."""

    @abstractmethod
    def collect(self) -> Sequence[Family]:
        """Return every metric that has a series, by name, as of now."""


@dataclass(slots=True)
class _Series:
    metric: Metric
    numbers: dict[tuple[str, ...], float] = field(default_factory=dict)
    distributions: dict[tuple[str, ...], Distribution] = field(default_factory=dict)


class SystemMetrics(Metrics):
    """The numbers of this process, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._families: dict[str, _Series] = {}

    @override
    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        key = _key(metric, labels)
        with self._lock:
            numbers = self._of(metric).numbers
            numbers[key] = numbers.get(key, 0) + amount

    @override
    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        key = _key(metric, labels)
        with self._lock:
            self._of(metric).numbers[key] = value

    @override
    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        key = _key(metric, labels)
        at = bisect_left(metric.bounds, value)
        with self._lock:
            distributions = self._of(metric).distributions
            seen = distributions.get(key)
            if seen is None:
                seen = distributions[key] = Distribution([0] * (len(metric.bounds) + 1))
            seen.counts[at] += 1
            seen.sum += value

    @override
    def collect(self) -> Sequence[Family]:
        with self._lock:
            return [_family(it) for _, it in sorted(self._families.items())]

    def _of(self, metric: Metric) -> _Series:
        found = self._families.get(metric.name)
        if found is None:
            found = self._families[metric.name] = _Series(metric)
        return found


def _key(metric: Metric, labels: Mapping[str, str]) -> tuple[str, ...]:
    if len(labels) != len(metric.labels):
        raise ValueError(f"metric {metric.name} needs the labels {metric.labels}")
    return tuple(map(labels.__getitem__, metric.labels))


def _family(it: _Series) -> Family:
    seen = {
        key: Distribution(counts=list(found.counts), sum=found.sum)
        for key, found in it.distributions.items()
    }
    return Family(metric=it.metric, series={**it.numbers, **seen})
