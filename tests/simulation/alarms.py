"""Metrics that nobody reads, but for those that may never move."""

from collections.abc import Callable, Sequence

from typing_extensions import override

from angzarr_log._snapshots import MISMATCHES
from angzarr_ports import Family, Metric, Metrics
from angzarr_telemetry import (
    CHECKPOINT_AHEAD,
    DUPLICATE_EFFECT,
    GAP_APPLIED,
    LOST_REACTION,
    ORDER_VIOLATION,
)

ZERO = {
    GAP_APPLIED.name: "I9 Complete",
    ORDER_VIOLATION.name: "I10 Order per root",
    DUPLICATE_EFFECT.name: "I11 Effectively once",
    CHECKPOINT_AHEAD.name: "I12 Checkpoint safe",
    LOST_REACTION.name: "I13 No lost reaction",
    MISMATCHES.name: "I20 Rebuildable",
}


class Alarms(Metrics):
    """Tells `alarm` of what has zero tolerance (reliability.md §12), by its invariant.

    Owners are replaced here, so that epochs may be rejected; logic that `lies` may say anything of
    its state.
    """

    def __init__(self, alarm: Callable[[str], None], *, lies: bool) -> None:
        self._alarm = alarm
        self._lies = lies

    @override
    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        broken = ZERO.get(metric.name)
        if amount and broken and not (self._lies and metric is MISMATCHES):
            self._alarm(f"{broken}: {metric.name} of {labels} has moved")

    @override
    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Forget it."""

    @override
    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Forget it."""

    @override
    def collect(self) -> Sequence[Family]:
        return ()
