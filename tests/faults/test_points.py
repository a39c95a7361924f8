"""No fault point is missing, misspelt or dead."""

import re
from pathlib import Path

from .planting import ROOT
from .points import AGGREGATE, NO_LINE, PIPES, POINTS, SAGA, SUBSCRIBER
from .test_timers import DEATHS

SPEC = {"K": 15, "Q": 17, "F": 5, "G": 4, "V": 5}
PASSED = re.compile(r'faults\.at\("(\w+)"\)')
DEATH = re.compile(r'"(?:kill:)?([GKQV]\d+):\d')
BY_TABLE = {*AGGREGATE, *PIPES, *SUBSCRIBER, *SAGA, *(point for point, _ in DEATHS)}


def test_the_table_is_whole() -> None:
    """Every point of the specification has its line, or a reason to have none."""
    every = {f"{kind}{at}" for kind, last in SPEC.items() for at in range(1, last + 1)}

    assert {*POINTS, *NO_LINE} == every
    assert set(POINTS) & set(NO_LINE) == set()


def test_every_point_is_compiled_in() -> None:
    """The product passes each point of the table, and no other."""
    sources = ROOT.glob("packages/*/src/**/*.py")
    found = {point for path in sources for point in PASSED.findall(path.read_text("utf-8"))}

    assert found == set(POINTS)


def test_somebody_dies_at_every_point() -> None:
    """Each point is a death of a test; one that is not reached fails there."""
    suites = Path(__file__).parent.glob("test_kill_*.py")
    deaths = {point for path in suites for point in DEATH.findall(path.read_text("utf-8"))}

    assert deaths | BY_TABLE == set(POINTS)
