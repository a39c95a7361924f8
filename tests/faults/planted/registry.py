"""Which suite catches which planted bug, and how its failure reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One bug. `test` is relative to tests/faults, `sign` a pattern in what the test prints."""

    number: str
    suite: str
    test: str
    sign: str


def _model(number: str, sign: str = "") -> Planted:
    test = "test_model.py"
    return Planted(number=number, suite="S2", test=test, sign=sign or "Falsifying|falsifying")


REGISTRY: tuple[Planted, ...] = ()
