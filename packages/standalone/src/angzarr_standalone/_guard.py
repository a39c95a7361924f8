"""Ends every process of a run when the supervisor is gone, even by SIGKILL.

Started as a script with the read end of a pipe that only the supervisor holds open: its end of
file says that the supervisor is dead. The supervisor writes the number of every process that it
starts, one per line: each leads a session. Every process of the run also carries MARK in its
environment, so that one whose number was not written any more is found, and one that left its
session; that of a process of ours only root can read.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
STATE, SESSION, BEGAN = 0, 3, 19


def main() -> None:
    """Wait for the end of file on standard input, then kill what belongs to the run."""
    mark = sys.argv[1].encode()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leaders = {line.strip(): beginning(line.strip()) for line in sys.stdin}
    while left := [pid for pid in processes() if lives(pid) and belongs(pid, mark, leaders)]:
        for pid in left:
            kill(pid)


def processes() -> list[int]:
    """Return the processes of this machine but this one."""
    found = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return [pid for pid in found if pid != os.getpid()]


def belongs(pid: int, mark: bytes, leaders: dict[str, str]) -> bool:
    """Say whether a process is in a session of the run or has the mark in its environment.

    A number that is another process's by now is no session of the run.
    """
    session = column(pid, SESSION)
    if session in leaders and beginning(session) in {"", leaders[session]}:
        return True
    with suppress(OSError):
        return mark in (PROC / str(pid) / "environ").read_bytes()
    return False


def lives(pid: int) -> bool:
    """Say whether a process has not ended."""
    return column(pid, STATE) not in {"", "Z"}


def beginning(pid: str) -> str:
    """Return when a process was started, "" without one."""
    return column(pid, BEGAN)


def column(pid: int | str, number: int) -> str:
    """Return one column behind the name of a process, "" without a process."""
    with suppress(OSError):
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
        return text.rpartition(")")[2].split()[number]
    return ""


def kill(pid: int) -> None:
    """Kill one process; it may be gone already."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
