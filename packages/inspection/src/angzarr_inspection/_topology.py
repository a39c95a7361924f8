"""angzarr topology: which component reads and sends what, as declared and as observed."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import click

from angzarr_standalone import Status
from angzarr_telemetry import get, printable
from angzarr_terminal import UNAVAILABLE, CliError, Session

FORMS = ("tree", "mermaid", "dot", "json")


class Running(Session, Protocol):
    """The options of `angzarr`, and the project that runs here."""

    def status(self) -> Status:
        """Return how the project is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A pair of components with the types that are declared, and how many events it carried."""

    source: str
    target: str
    types: tuple[str, ...]
    events: int
    declared: bool

    @property
    def label(self) -> str:
        """Return the types without their packages."""
        return ", ".join(name.rpartition(".")[2] for name in self.types) or "everything"


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(FORMS), default="tree")
@click.pass_obj
def topology(session: Running, form: str) -> None:
    """Show the graph of the running application: declared, and what was observed of it.

    \b
    angzarr topology
    angzarr topology -o mermaid
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    status, edges = session.run(_edges(session))
    if form == "json":
        plain = [dataclasses.asdict(it) for it in status.components]
        told = [{**dataclasses.asdict(it), "observed": it.events > 0} for it in edges]
        click.echo(json.dumps({"schema": "angzarr.cli.topology/1", "items": plain, "edges": told}))
        return
    if form == "tree":
        lines = _tree(status, edges)
    else:
        lines = {"mermaid": _mermaid, "dot": _dot}[form](edges)
    click.echo("\n".join(map(printable, lines)))


async def _edges(session: Running) -> tuple[Status, list[Edge]]:
    status = session.status()
    rows = await _asked(status.topology, "/api/graph/data", session.timeout_seconds)
    shown = await _asked(status.topology, "/api/v1/topology", session.timeout_seconds)
    declared = {row["id"]: row["detail__declared"] == "true" for row in shown["edges"]}
    titles = {row["id"]: row["title"] for row in rows["nodes"]}
    return status, [
        Edge(
            source=titles[row["source"]],
            target=titles[row["target"]],
            types=tuple(json.loads(row["detail__event_types"])),
            events=row["detail__event_count"],
            declared=declared.get(row["id"], False),
        )
        for row in rows["edges"]
    ]


async def _asked(address: str, path: str, timeout_seconds: float) -> Any:  # noqa: ANN401 - JSON
    try:
        _, body = await get(address, path, timeout_seconds=timeout_seconds)
        plain = json.loads(body)
    except (OSError, ValueError) as error:
        text = f"the topology does not answer: {error}."
        raise CliError(UNAVAILABLE, text, then="angzarr ps") from error
    if "error" in plain:
        raise CliError(UNAVAILABLE, plain["error"], then="angzarr ps")
    return plain


def _tree(status: Status, edges: list[Edge]) -> Iterator[str]:
    for component in status.components:
        yield f"{component.name}  {component.kind}"
        for edge in edges:
            if edge.source == component.name:
                count = f"  {edge.events} events" if edge.events else ""
                drift = "" if edge.declared else "  undeclared"
                yield f"  -> {edge.target}  {edge.label}{count}{drift}"


def _mermaid(edges: list[Edge]) -> Iterator[str]:
    yield "graph LR"
    for edge in edges:
        arrow = "-->" if edge.declared else "-.->"
        yield f'  {edge.source} {arrow}|"{edge.label}"| {edge.target}'


def _dot(edges: list[Edge]) -> Iterator[str]:
    yield "digraph angzarr {"
    for edge in edges:
        style = "" if edge.declared else ", style=dashed"
        yield f'  "{edge.source}" -> "{edge.target}" [label="{edge.label}"{style}];'
    yield "}"
