"""Metrics are declared before they are counted."""

import threading

import pytest

from angzarr_ports import Metric, MetricKind, SystemMetrics

COUNT = Metric(
    name="angzarr_count_total", help="Things.", kind=MetricKind.COUNTER, labels=("domain",)
)
SIZE = Metric(name="angzarr_size", help="Sizes.", kind=MetricKind.HISTOGRAM, bounds=(1, 2))


@pytest.mark.parametrize(("name", "label"), [("count_total", "domain"), ("angzarr_x", "root")])
def test_a_metric_has_our_prefix_and_known_labels(name: str, label: str) -> None:
    """A foreign name and a label that could grow without bound are refused."""
    with pytest.raises(ValueError, match=f"{name}"):
        Metric(name=name, help="X.", kind=MetricKind.COUNTER, labels=(label,))


def test_every_label_is_given() -> None:
    """A series without one of its labels is an error of the caller."""
    with pytest.raises(ValueError, match="needs the labels"):
        SystemMetrics().count(COUNT)


def test_threads_lose_no_count() -> None:
    """Counting on many threads at once adds up."""
    metrics = SystemMetrics()

    def count() -> None:
        for _ in range(2000):
            metrics.count(COUNT, domain="order")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [it.series for it in metrics.collect()] == [{("order",): 8000}]


def test_a_value_falls_into_the_first_bucket_that_holds_it() -> None:
    """The bounds belong to the bucket below; what is collected does not change later."""
    metrics = SystemMetrics()
    for value in (1, 1.5, 2, 3):
        metrics.observe(SIZE, value)
    (before,) = metrics.collect()
    metrics.observe(SIZE, 1)

    (found,) = before.series.values()
    assert not isinstance(found, float)
    assert (found.counts, found.sum) == ([1, 2, 1], 7.5)
