"""Memory of processes: what is their own, and their part of what they share."""

import re
from dataclasses import dataclass
from pathlib import Path

from angzarr_standalone import Status

KIBIBYTES_PER_MEBIBYTE = 1024
PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """The proportional set size of one process."""

    name: str
    pss_mib: float


def measure(status: Status) -> tuple[ProcessMemory, ...]:
    """Return the memory of the supervisor and everything that it runs, in order of start."""
    named = {status.pid: "supervisor"}
    named |= {process.pid: process.name for process in status.processes if process.pid}
    named |= {pid: "guard" for pid in _children(status.pid) if pid not in named}
    return tuple(ProcessMemory(name=name, pss_mib=_pss_mib(pid)) for pid, name in named.items())


def _children(pid: int) -> list[int]:
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pss_mib(pid: int) -> float:
    found = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return round(int(found[1]) / KIBIBYTES_PER_MEBIBYTE, 1) if found else 0.0
