"""The table of reliability.md §5: which component passes which point, and which has no line.

K9 lies before COMMIT and K10 behind it, both on the writer's thread; a death inside COMMIT is
one of the power losses of test_power_loss.py. Q6 lies behind each transaction of a subscriber, Q8
where an event's own transaction has ended.
"""

import os
import signal
from collections import Counter
from pathlib import Path

from typing_extensions import override

from angzarr_ports import Faults

AGGREGATE = tuple(f"K{number}" for number in range(1, 15))
SUBSCRIBER = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q8", "Q10", "Q14")
PIPES = ("F1", "F2")
GATEWAY = ("G1", "G2", "G3", "G4")
SUPERVISOR = ("V1", "V2", "V3", "V4")

PASSED = {
    "aggregate": AGGREGATE + PIPES,
    "saga": SUBSCRIBER,
    "projector": SUBSCRIBER,
    "gateway": GATEWAY,
    "supervisor": SUPERVISOR,
}

ELSEWHERE = {
    "K15": "snapshots are not written yet",
    "Q7": "dispatch, tested where commands are settled",
    "Q9": "letters, tested where events are parked",
    "Q11": "saga, tested where commands are settled",
    "Q12": "dispatch, tested where commands are settled",
    "Q13": "letters, tested where events are parked",
    "Q15": "timers, tested where they fire",
    "F3": "a signal to the reader, no line of code",
    "F4": "a signal to the writer, no line of code",
    "F5": "a signal to both, no line of code",
    "V5": "a signal to the supervisor, no line of code",
}


class RecordingFaults(Faults):
    """Writes every passage to a file that outlives the process."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @override
    def at(self, point: str) -> None:
        os.write(self._descriptor, f"{point}\n".encode())


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
    """Return what `record:PATH` or `kill:POINT:PASSAGE` means."""
    kind, _, rest = text.partition(":")
    if kind == "record":
        return RecordingFaults(Path(rest))
    point, _, passage = rest.partition(":")
    return KillingFaults(point, int(passage))
