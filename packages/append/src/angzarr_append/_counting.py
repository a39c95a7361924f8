"""What became of appends, counted alike by every store (reliability.md §12)."""

from collections.abc import Sequence

from angzarr_append._decision import Answer
from angzarr_ports import Metric, MetricKind, Metrics
from angzarr_store import Appended, ConflictError, FencedError


def _appends(what: str, text: str) -> Metric:
    name = f"angzarr_append_{what}_total"
    return Metric(name=name, help=text, kind=MetricKind.COUNTER, labels=("domain",))


CONFLICTS = _appends("conflicts", "Appends that assumed another sequence.")
REPEATS = _appends("repeats", "Appends of a command that had its result.")
REJECTED = _appends("rejected", "Refusals of logic that were stored.")
FENCED = _appends("fenced", "Appends of a process that another one had replaced.")
GROUP_SIZE = Metric(
    name="angzarr_append_group_size",
    help="Appends that shared a transaction.",
    kind=MetricKind.HISTOGRAM,
    labels=("domain",),
    bounds=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)


def count_appends(metrics: Metrics, domain: str, answers: Sequence[Answer]) -> None:
    """Count the answers of one transaction; every store calls this after its commit."""
    metrics.observe(GROUP_SIZE, len(answers), domain=domain)
    for answer in answers:
        metric = _metric_of(answer)
        if metric is not None:
            metrics.count(metric, domain=domain)


def _metric_of(answer: Answer) -> Metric | None:
    match answer:
        case Appended(repeated=True):
            return REPEATS
        case Appended(row=row) if row.status is not None:
            return REJECTED
        case ConflictError():
            return CONFLICTS
        case FencedError():
            return FENCED
        case _:
            return None
