"""Which metric counts what a subscription must never do."""

from angzarr_ports import Metric
from angzarr_reader import ViolationError
from angzarr_store import (
    CHAIN_MISMATCH,
    FencedError,
    LogMismatchError,
    PositionPastHeadError,
)
from angzarr_telemetry import CHECKPOINT_AHEAD, EPOCH_REJECTED

_METRICS: dict[type[BaseException], Metric] = {
    LogMismatchError: CHAIN_MISMATCH,
    PositionPastHeadError: CHECKPOINT_AHEAD,
    FencedError: EPOCH_REJECTED,
}


def metric_of(error: BaseException) -> Metric | None:
    """Return the metric that counts an error, None for one that may happen."""
    return error.metric if isinstance(error, ViolationError) else _METRICS.get(type(error))
