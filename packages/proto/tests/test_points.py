"""Points in time answer questions about themselves."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import Fault
from angzarr.types_pb2 import DryRunRequest, TemporalQuery


def as_of(seconds: int, nanos: int = 0) -> TemporalQuery:
    """Return a point in time."""
    return TemporalQuery(as_of_time=Timestamp(seconds=seconds, nanos=nanos))


@pytest.mark.parametrize(
    ("nanos", "latest"),
    [
        (0, "1970-01-01T00:00:05+00:00"),
        (999, "1970-01-01T00:00:05+00:00"),
        (1000, "1970-01-01T00:00:05.000001+00:00"),
        (999_999_999, "1970-01-01T00:00:05.999999+00:00"),
    ],
)
def test_a_time_admits_what_was_created_until_then(nanos: int, latest: str) -> None:
    """Events know microseconds; a part of one belongs to the microsecond before."""
    assert as_of(5, nanos).latest == latest


def test_a_point_is_given_and_exists() -> None:
    """Without one the caller's text says so."""
    assert TemporalQuery().fault("none") == Fault("temporal", "none")
    assert TemporalQuery(as_of_sequence=0).fault("none") is None
    assert as_of(0).fault("none") is None
    text = "as_of_time must be a time in the years 1 to 9999"
    assert as_of(10**12).fault("none") == Fault("temporal.as_of_time", text)


def test_a_dry_run_has_a_command_and_a_point() -> None:
    """The command comes first."""
    request = DryRunRequest()
    assert request.fault() == Fault("command", "DryRunRequest must have a command")
    request.command.SetInParent()
    missing = "DryRun requires either as_of_sequence or as_of_timestamp"
    assert request.fault() == Fault("temporal", missing)
    request.point_in_time.as_of_sequence = 0
    assert request.fault() is None
