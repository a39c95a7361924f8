"""Differences as people and programs read them."""

import json
from collections.abc import Sequence
from typing import Any

import click

from angzarr.types_pb2 import EventPage
from angzarr_editions._difference import Change, Difference
from angzarr_telemetry import printable
from angzarr_terminal import Format, items

SHOWN_DIGITS = 8


def show(form: Format, found: Sequence[Difference]) -> None:
    """Write every difference; to people one block per root."""
    if form is not Format.TABLE:
        items("edition_diff", form, [_plain(it) for it in found])
        return
    for it in found:
        root = f"{it.cover.domain}/{it.cover.root.hex[:SHOWN_DIGITS]}"
        click.echo(f"{root}  diverged after seq {it.shared - 1}" if it.shared else f"{root}  new")
        width = max(len(name) for name, _ in it.sides)
        for name, changes in it.sides:
            for page, fields in changes:
                click.echo(printable(f"  {name:{width}}  {_event(page, fields)}"))


def _event(*change: Any) -> str:  # noqa: ANN401 - a page and its fields
    page, fields = change
    said = "   ".join(f"{name} {json.dumps(value)}" for name, value in fields.items())
    return f"seq {page.num}  {_type(page=page):<20} {said}".rstrip()


def _type(*, page: EventPage) -> str:
    return page.type_name.rpartition(".")[2]


def _plain(it: Difference) -> dict[str, object]:
    return {
        "domain": it.cover.domain,
        "root": str(it.cover.root.uuid),
        "shared": it.shared,
        "timelines": [
            {"name": name, "events": [_plain_change(change) for change in changes]}
            for name, changes in it.sides
        ],
    }


def _plain_change(change: Change) -> dict[str, object]:
    page, fields = change
    return {
        "sequence": page.num,
        "position": str(page.position),
        "type": page.type_name,
        "changes": fields,
    }
