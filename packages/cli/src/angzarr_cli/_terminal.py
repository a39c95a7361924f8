"""What `angzarr up` tells people: a banner, a line per command, a block per failure."""

import json
import os
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from angzarr_ports import Clock
from angzarr_standalone import ComponentStatus, Status
from angzarr_telemetry import printable

WIDTH = 80
EXPLAINED_LINES = 2
INDENT = " " * 9


class Terminal:
    """Writes the banner and commands to standard output, failures to standard error."""

    def __init__(self, clock: Clock, *, quiet: bool) -> None:
        self._clock = clock
        self._quiet = quiet

    def ready(self, status: Status, seconds: float) -> None:
        """Write the banner."""
        if self._quiet:
            return
        version, count = metadata.version("angzarr-cli"), len(status.components)
        plural = "" if count == 1 else "s"
        click.echo(f"angzarr {version}   {status.project}   {count} component{plural}\n")
        name_width = max((len(it.name) for it in status.components), default=0) + 2
        for component in status.components:
            click.echo(printable(_row(component, name_width)))
        explore = f"grpcurl -plaintext {status.gateway} list"
        click.echo(f"\n  Gateway     {status.gateway:<20}  {explore}")
        if not status.topology.startswith("unix:"):
            click.echo(f"  Topology    http://{status.topology}")
        if not status.monitoring.startswith("unix:"):
            click.echo(f"  Monitoring  http://{status.monitoring}/metrics")
        click.echo(f"  Store       {_shown(status.store):<20}  every commit synced")
        click.echo(f"  Logs        {_shown(status.logs):<20}  angzarr logs -f")
        click.echo(f"  Ready in {seconds:.1f} s. Ctrl-C stops everything.")

    def failed(self, process: str, text: str, lines: Sequence[str]) -> None:
        """Write one block per failure, quiet: one line."""
        click.echo(f"{self._now()} {process}  {printable(text)}", err=True)
        if self._quiet:
            return
        for line in explained(lines):
            click.echo(f"{INDENT}{printable(line)}", err=True)
        click.echo(f"next: angzarr logs {process}", err=True)

    def line(self, text: str) -> None:
        """Write a line of its own for a command; other lines are only in the log."""
        if self._quiet or '"event": "command.' not in text:
            return
        told = _parsed(text)
        if told is not None:
            click.echo(f"{self._now()} {printable(_command(told))}")

    def _now(self) -> str:
        return f"{self._clock.now().astimezone():%H:%M:%S}"


def explained(lines: Sequence[str]) -> list[str]:
    """Return why a process ended, from what it printed last: of an error its last two lines."""
    for at in range(len(lines) - 1, -1, -1):
        plain = _parsed(lines[at])
        if plain is None:
            return list(lines[max(0, at + 1 - EXPLAINED_LINES) : at + 1])
        if "error" in plain:
            return [it.strip() for it in str(plain["error"]).splitlines()[-EXPLAINED_LINES:]]
        if plain.get("level") == "error":
            return [str(plain.get("reason", plain.get("event", "")))]
    return []


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        plain = json.loads(line)
    except ValueError:
        return None
    return plain if isinstance(plain, dict) else None


def _row(component: ComponentStatus, name_width: int) -> str:
    takes = [type_ for it in component.inputs for type_ in it.types]
    reads = [it.domain for it in component.inputs]
    start = f"  {component.name:<{name_width}}{component.kind.partition('_')[0]:<11}<- "
    names = takes if component.kind == "aggregate" else reads
    return start + _fitting([it.rpartition(".")[2] for it in names], WIDTH - len(start))


def _fitting(names: Sequence[str], width: int) -> str:
    """Return as many names as fit, and how many more there are."""
    for count in range(len(names), 0, -1):
        left = len(names) - count
        text = ", ".join(names[:count]) + (f" +{left} more" if left else "")
        if len(text) <= width:
            return text
    return f"{len(names)} types" if names else "everything"


def _shown(path: str) -> str:
    """Return a path as seen from here, if that is shorter."""
    return min(path, os.path.relpath(path), key=len) if Path(path).is_absolute() else path


def _command(told: dict[str, Any]) -> str:
    root = str(told.get("root", ""))[:4]
    asked = f"{told.get('domain', '')}  {told.get('command', '')} {root}"
    milliseconds = float(told.get("seconds", 0)) * 1000
    if told["event"] == "command.accepted":
        events = ", ".join(told.get("events", ())) or "nothing"
        place = f" seq {told['sequence']}" if "sequence" in told else ""
        return f"{asked} -> {events}{place}  {milliseconds:.0f} ms"
    return f"{asked} refused: {told.get('reason', '')}  {milliseconds:.0f} ms"
