"""What a subscription must never do, counted when it is found out (reliability.md §12)."""

from angzarr_ports import Metric, MetricKind


def _never(name: str, text: str) -> Metric:
    return Metric(
        name=f"angzarr_{name}_total",
        help=text,
        kind=MetricKind.COUNTER,
        labels=("component", "domain"),
    )


GAP_APPLIED = _never("gap_applied", "Positions that were left out of a log.")
ORDER_VIOLATION = _never("order_violation", "Events of a root that came in a wrong order.")
DUPLICATE_EFFECT = _never("duplicate_effect", "Events that were completed a second time.")
LOST_REACTION = _never("lost_reaction", "Events completed before all their commands were.")
CHECKPOINT_AHEAD = _never("checkpoint_ahead", "Checkpoints beyond the head of their log.")
EPOCH_REJECTED = _never(
    "epoch_rejected_after_takeover", "Changes refused because another process had taken over."
)
NEVER = (
    GAP_APPLIED,
    ORDER_VIOLATION,
    DUPLICATE_EFFECT,
    LOST_REACTION,
    CHECKPOINT_AHEAD,
    EPOCH_REJECTED,
)
