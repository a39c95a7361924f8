"""angzarr topology: which component reads and sends what."""

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from angzarr_cli._session import Session
from angzarr_telemetry import printable
from angzarr_terminal import errors_as_exit_codes

if TYPE_CHECKING:
    from angzarr_standalone import ComponentStatus, Status

FORMS = ("tree", "mermaid", "dot", "json")


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(FORMS), default="tree")
@click.pass_obj
def topology(session: Session, form: str) -> None:
    """Show the declared graph of the running application.

    \b
    angzarr topology
    angzarr topology -o mermaid
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    with errors_as_exit_codes(session.form, debug=session.debug):
        status = session.status()
        if form == "json":
            plain = [dataclasses.asdict(it) for it in status.components]
            click.echo(json.dumps({"schema": "angzarr.cli.topology/1", "items": plain}))
            return
        lines = {"tree": _tree, "mermaid": _mermaid, "dot": _dot}[form](status)
        click.echo("\n".join(map(printable, lines)))


def _edges(status: "Status") -> Iterator[tuple[str, str, str]]:
    """Yield (source, target, label) of every declared edge."""
    owners = {it.domain: it.name for it in status.components if it.domain}
    for component in status.components:
        if component.kind != "aggregate":
            for interest in component.inputs:
                label = _label(interest.types, "events")
                yield owners.get(interest.domain, interest.domain), component.name, label
        for interest in component.outputs:
            label = _label(interest.types, "commands")
            yield component.name, owners.get(interest.domain, interest.domain), label


def _label(types: tuple[str, ...], otherwise: str) -> str:
    return ", ".join(name.rpartition(".")[2] for name in types) or otherwise


def _tree(status: "Status") -> Iterator[str]:
    edges = list(_edges(status))
    for component in status.components:
        yield _title(component)
        for source, target, label in edges:
            if source == component.name:
                yield f"  -> {target}  {label}"


def _title(component: "ComponentStatus") -> str:
    return f"{component.name}  {component.kind}"


def _mermaid(status: "Status") -> Iterator[str]:
    yield "graph LR"
    for source, target, label in _edges(status):
        yield f'  {source} -->|"{label}"| {target}'


def _dot(status: "Status") -> Iterator[str]:
    yield "digraph angzarr {"
    for source, target, label in _edges(status):
        yield f'  "{source}" -> "{target}" [label="{label}"];'
    yield "}"
