"""Tables for people, tab-separated lines and JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import click

from angzarr_telemetry import printable


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows below a header; not to a terminal: tab-separated, without it."""
    texts = [[printable(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in texts:
            click.echo("\t".join(row))
        return
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    for row in [list(header), *texts]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def line(cells: Sequence[object], widths: Sequence[int]) -> None:
    """Write one row of a table that has no end; not to a terminal: tab-separated."""
    texts = [printable(cell) for cell in cells]
    if sys.stdout.isatty():
        padded = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
    else:
        click.echo("\t".join(texts))


def items(schema: str, form: Format, found: Iterable[Mapping[str, object]]) -> None:
    """Write objects: one document, or one per line as they come."""
    if form is Format.JSONL:
        for item in found:
            click.echo(json.dumps(item))
    else:
        click.echo(json.dumps({"schema": f"angzarr.cli.{schema}/1", "items": list(found)}))
