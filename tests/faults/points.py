"""The table of reliability.md §5: what has a line in the product, and who dies there.

K9 lies before COMMIT and K10 behind it, both on the writer's thread; a death inside COMMIT is
one of the power losses of test_power_loss.py. Q6 lies behind each transaction of a subscriber, Q8
where an event's own transaction has ended. Q16 lies behind each step of a rebuild that is recorded,
Q17 where the author's model has been switched and that is not.
"""

import os
import signal
from collections import Counter

from typing_extensions import override

from angzarr_ports import Faults

AGGREGATE = tuple(f"K{number}" for number in range(1, 15))
SNAPSHOTS = ("K15",)
PIPES = ("F1", "F2")
SUBSCRIBER = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q8", "Q10", "Q14")
SAGA = ("Q7", "Q11")
LETTERS = ("Q9", "Q12", "Q13")
TIMERS = ("Q15",)
REBUILD = ("Q16", "Q17")
GATEWAY = ("G1", "G2", "G3", "G4")
SUPERVISOR = ("V1", "V2", "V3", "V4")
POINTS = (
    *AGGREGATE,
    *SNAPSHOTS,
    *PIPES,
    *SUBSCRIBER,
    *SAGA,
    *LETTERS,
    *TIMERS,
    *REBUILD,
    *GATEWAY,
    *SUPERVISOR,
)

NO_LINE = {
    "F3": "a signal to the reader, sent where subscribers die",
    "F4": "a signal to the writer, sent where coordinators die",
    "F5": "a signal to both, sent where whole systems are killed",
    "V5": "a signal to the supervisor, sent where it dies",
}


class KillingFaults(Faults):
    """Ends the process at the n-th passage of a point, as a power switch does: without a word."""

    def __init__(self, point: str, passage: int) -> None:
        self._point = point
        self._passage = passage
        self._passed = Counter[str]()

    @override
    def at(self, point: str) -> None:
        self._passed[point] += 1
        if (point, self._passed[point]) == (self._point, self._passage):
            os.kill(os.getpid(), signal.SIGKILL)


def faults_of(text: str) -> Faults:
    """Return what `kill:POINT:PASSAGE` means."""
    _, point, passage = text.split(":")
    return KillingFaults(point, int(passage))
