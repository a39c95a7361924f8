"""The text format: what is written is what is read."""

import pytest

from angzarr_ports import Metric, MetricKind, Metrics, SystemMetrics
from angzarr_telemetry import Sample, exposition, merged, samples_of

COUNT = Metric(
    name="angzarr_count_total", help="Things.", kind=MetricKind.COUNTER, labels=("reason",)
)
SIZE = Metric(
    name="angzarr_size",
    help="Sizes.",
    kind=MetricKind.HISTOGRAM,
    labels=("component",),
    bounds=(1, 4),
)
WHO = {"component": "order", "kind": "aggregate"}


@pytest.fixture
def metrics() -> Metrics:
    """Return empty metrics."""
    return SystemMetrics()


def test_a_process_is_written_as_text(metrics: Metrics) -> None:
    """Help and type once per metric; who it is where a series does not say so."""
    metrics.count(COUNT, 2, reason='a "b"\n\\n')
    for size in (1, 2, 9):
        metrics.observe(SIZE, size, component="saga")

    assert exposition(metrics.collect(), WHO).splitlines() == [
        "# HELP angzarr_count_total Things.",
        "# TYPE angzarr_count_total counter",
        'angzarr_count_total{component="order",kind="aggregate",reason="a \\"b\\"\\n\\\\n"} 2',
        "# HELP angzarr_size Sizes.",
        "# TYPE angzarr_size histogram",
        'angzarr_size_bucket{component="saga",kind="aggregate",le="1"} 1',
        'angzarr_size_bucket{component="saga",kind="aggregate",le="4"} 2',
        'angzarr_size_bucket{component="saga",kind="aggregate",le="+Inf"} 3',
        'angzarr_size_sum{component="saga",kind="aggregate"} 12.0',
        'angzarr_size_count{component="saga",kind="aggregate"} 3',
    ]


def test_what_is_written_is_read(metrics: Metrics) -> None:
    """Also a label with quotes, a backslash and a new line."""
    metrics.count(COUNT, 2, reason='a "b"\n\\n')

    assert list(samples_of(exposition(metrics.collect(), {}))) == [
        Sample(name="angzarr_count_total", labels={"reason": 'a "b"\n\\n'}, value=2)
    ]


def test_processes_are_merged_by_metric(metrics: Metrics) -> None:
    """Each metric is described once, with the series of all."""
    metrics.count(COUNT, reason="x")
    one = exposition(metrics.collect(), {"component": "a"})
    metrics.observe(SIZE, 1, component="b")
    two = exposition(metrics.collect(), {"component": "b"})

    lines = merged([one, "", two]).splitlines()

    assert lines[:4] == [
        "# HELP angzarr_count_total Things.",
        "# TYPE angzarr_count_total counter",
        'angzarr_count_total{component="a",reason="x"} 1',
        'angzarr_count_total{component="b",reason="x"} 1',
    ]
    assert len([line for line in lines if line.startswith("#")]) == 4
