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


class ViolationError(InvariantError):
    """The subscription was about to do what it must never do; `metric` counts how often."""

    def __init__(self, metric: Metric, why: str) -> None:
        super().__init__(why)
        self.metric = metric


def metric_of(error: BaseException) -> Metric | None:
    """Return the metric that counts an error, None for one that may happen."""
    match error:
        case ViolationError():
            return error.metric
        case LogMismatchError():
            return CHAIN_MISMATCH
        case PositionPastHeadError():
            return CHECKPOINT_AHEAD
        case FencedError():
            return EPOCH_REJECTED
        case _:
            return None
