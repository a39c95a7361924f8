"""Errors of the supervisor.

StartError        a process did not become healthy: which, why, its last lines
RunningError      another supervisor runs this project
PortTakenError    another process listens where the gateway or monitoring should
"""

from collections.abc import Sequence


class StartError(Exception):
    """A process could not be started; everything that was started is stopped again."""

    def __init__(self, process: str, why: str, lines: Sequence[str] = ()) -> None:
        super().__init__(f"{process} {why}")
        self.process = process
        self.why = why
        self.lines = tuple(lines)


class RunningError(Exception):
    """The project is already running."""

    def __init__(self, directory: str, pid: str) -> None:
        super().__init__(f"this project is already running as process {pid} in {directory}.")
        self.directory = directory
        self.pid = pid


class PortTakenError(Exception):
    """Another process listens on a port; `pid` is 0 when it is not ours to see."""

    def __init__(self, port: int, pid: int, program: str) -> None:
        who = f"process {pid} ({program})" if pid else "another process"
        super().__init__(f"port {port} is used by {who}.")
        self.port = port
        self.pid = pid
        self.program = program
