"""Metrics that nobody reads, but for those that may never move."""

from collections.abc import Callable, Sequence

from typing_extensions import override

from angzarr_log._snapshots import MISMATCHES
from angzarr_ports import Family, Metric, Metrics
from angzarr_telemetry import EPOCH_REJECTED, NEVER

ZERO = {it.name for it in NEVER} - {EPOCH_REJECTED.name}  # owners are replaced here
HONEST = {*ZERO, MISMATCHES.name}  # logic that lies may say anything of its state


class Alarms(Metrics):
    """Tells `alarm` of what has zero tolerance (reliability.md §12)."""

    def __init__(self, alarm: Callable[[str], None], *, lies: bool) -> None:
        self._alarm = alarm
        self._zero = ZERO if lies else HONEST

    @override
    def count(self, metric: Metric, amount: float = 1, /, **labels: str) -> None:
        if amount and metric.name in self._zero:
            self._alarm(f"{metric.name} of {labels} has moved")

    @override
    def set(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Forget it."""

    @override
    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Forget it."""

    @override
    def collect(self) -> Sequence[Family]:
        return ()
