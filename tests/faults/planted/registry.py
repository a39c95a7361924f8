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

REGISTRY = (
    Planted(number="B12", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(number="B13", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(number="B17", suite="S5", test=ERRORS, sign=r"lost \d+-\d"),
    Planted(number="B18", suite="S5", test=ERRORS, sign="InvariantError"),
)
