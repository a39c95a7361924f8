"""What a running project looks like, for other processes to read."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from angzarr_defence import directory_fault
from angzarr_plan import Facts

FILE = "status.json"


class State(StrEnum):
    """How a process is."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"
    CRASHED = "crashed"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStatus:
    """One process; `role` is service, logic, coordinator or its own name."""

    name: str
    role: str
    component: str
    state: State
    pid: int
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestStatus:
    """Messages that a component reads or sends; no types means all."""

    domain: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentStatus:
    """One component of the application."""

    name: str
    kind: str
    domain: str
    inputs: tuple[InterestStatus, ...]
    outputs: tuple[InterestStatus, ...]

    @staticmethod
    def of(facts: Facts) -> "ComponentStatus":
        """Return what others may know of a component."""
        return ComponentStatus(
            name=facts.name,
            kind=facts.kind,
            domain=facts.domain,
            inputs=tuple(InterestStatus(domain=it.domain, types=it.types) for it in facts.inputs),
            outputs=tuple(InterestStatus(domain=it.domain, types=it.types) for it in facts.outputs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A running project; `gateway`, `monitoring` and `topology` are HOST:PORT or unix:PATH."""

    project: str
    pid: int
    gateway: str
    monitoring: str
    topology: str
    store: str
    logs: str
    processes: tuple[ProcessStatus, ...]
    components: tuple[ComponentStatus, ...]

    def write(self, directory: Path) -> None:
        """Replace the status file of a run directory at once."""
        fresh = directory / f"{FILE}.new"
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        fresh.replace(directory / FILE)


def read_status(directory: Path) -> Status | None:
    """Return the status of the project that runs in a directory, None if none does.

    What somebody else could have written says nothing.
    """
    try:
        if directory_fault(directory):
            return None
        plain = json.loads((directory / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    processes = tuple(
        ProcessStatus(**{**it, "state": State(it["state"])}) for it in plain.pop("processes")
    )
    components = tuple(
        ComponentStatus(
            name=it["name"],
            kind=it["kind"],
            domain=it["domain"],
            inputs=_interests(it["inputs"]),
            outputs=_interests(it["outputs"]),
        )
        for it in plain.pop("components")
    )
    return Status(processes=processes, components=components, **plain)


def _interests(plain: list[dict[str, Any]]) -> tuple[InterestStatus, ...]:
    return tuple(InterestStatus(domain=it["domain"], types=tuple(it["types"])) for it in plain)
