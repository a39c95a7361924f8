"""Supervisor: the same console scripts as local processes, started in order, kept alive."""

from angzarr_standalone._child import INVARIANT_VIOLATION
from angzarr_standalone._errors import PortTakenError, RunningError, StartError
from angzarr_standalone._listener import check_listener
from angzarr_standalone._run_directory import run_directory_of, running
from angzarr_standalone._status import (
    ComponentStatus,
    InterestStatus,
    ProcessStatus,
    State,
    Status,
    read_status,
)
from angzarr_standalone._supervisor import Reporter, up

__all__ = [
    "INVARIANT_VIOLATION",
    "ComponentStatus",
    "InterestStatus",
    "PortTakenError",
    "ProcessStatus",
    "Reporter",
    "RunningError",
    "StartError",
    "State",
    "Status",
    "check_listener",
    "read_status",
    "run_directory_of",
    "running",
    "up",
]
