"""What a subscription must never do: how it is found out and which metric counts it."""

from angzarr_ports import Metric
from angzarr_store import (
    CHAIN_MISMATCH,
    FencedError,
    InvariantError,
    LogMismatchError,
    PositionPastHeadError,
)
from angzarr_telemetry import CHECKPOINT_AHEAD, EPOCH_REJECTED

_METRICS: dict[type[BaseException], Metric] = {
    LogMismatchError: CHAIN_MISMATCH,
    PositionPastHeadError: CHECKPOINT_AHEAD,
    FencedError: EPOCH_REJECTED,
}


class ViolationError(InvariantError):
    """The subscription was about to do what it must never do; `metric` counts how often."""

    def __init__(self, metric: Metric, why: str) -> None:
        super().__init__(why)
        self.metric = metric


def metric_of(error: BaseException) -> Metric | None:
    """Return the metric that counts an error, None for one that may happen."""
    return error.metric if isinstance(error, ViolationError) else _METRICS.get(type(error))
