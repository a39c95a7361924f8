"""What a subscription must never do."""

from angzarr_ports import Metric
from angzarr_store import InvariantError


class ViolationError(InvariantError):
    """The subscription was about to do what it must never do; `metric` counts how often."""

    def __init__(self, metric: Metric, why: str) -> None:
        super().__init__(why)
        self.metric = metric
