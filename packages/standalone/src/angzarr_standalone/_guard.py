"""Ends every process of a run when the supervisor is gone, even by SIGKILL.

Started as a script with the read end of a pipe that only the supervisor holds open: its end of
file says that the supervisor is dead. Every process of the run carries MARK in its environment,
so that one that was started a moment before, and one that a child started, is found as well.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def main() -> None:
    """Wait for the end of file on standard input, then kill what carries the mark."""
    mark = sys.argv[1].encode()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.read()
    while marked := [pid for pid in processes() if pid != os.getpid() and carries(pid, mark)]:
        for pid in marked:
            kill(pid)


def processes() -> list[int]:
    """Return the processes of this machine."""
    return [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]


def carries(pid: int, mark: bytes) -> bool:
    """Say whether a living process has the mark in its environment."""
    with suppress(OSError):
        state = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[0]
        return state != b"Z" and mark in (PROC / str(pid) / "environ").read_bytes()
    return False


def kill(pid: int) -> None:
    """Kill one process; it may be gone already."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
