"""Which suite catches which planted bug, and how its failure reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One bug. `test` is relative to tests/faults, `sign` a pattern in what the test prints."""

    number: str
    suite: str
    test: str
    sign: str


LOSS = "test_power_loss.py::test_a_power_loss_loses_nothing_acknowledged"
ERRORS = "test_power_loss.py::test_a_failed_write_or_sync_is_never_an_ok"
KILLS = "test_kill_points.py::"

REGISTRY = (
    Planted(number="B12", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(number="B13", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(
        number="B14",
        suite="S4",
        test=KILLS + "test_a_coordinator_dies_at_every_point[pipe]",
        sign="announced that is not stored",
    ),
    Planted(
        number="B15",
        suite="S4",
        test=KILLS + "test_a_subscriber_dies_at_every_point[projector]",
        sign="checkpoint is ahead|not every event is projected",
    ),
    Planted(number="B17", suite="S5", test=ERRORS, sign="went on after a failure"),
    Planted(number="B18", suite="S5", test=ERRORS, sign="InvariantError"),
)
