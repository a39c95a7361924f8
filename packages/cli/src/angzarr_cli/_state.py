"""angzarr state: what the events of a root add up to."""

import json
import uuid
from typing import Any

import click

from angzarr.types_pb2 import EventPage
from angzarr_cli._root import Root, read_book, resolve
from angzarr_cli._session import Session
from angzarr_payloads import Folded, Types
from angzarr_terminal import NOT_FOUND, CliError, Format, items, point_of, table


@click.command()
@click.argument("root", metavar="DOMAIN/ROOT")
@click.option("--at", default="", metavar="SEQ|TIME", help="State as of then.")
@click.option("--diff", is_flag=True, help="What each event changed.")
@click.pass_obj
def state(session: Session, root: str, at: str, *, diff: bool) -> None:
    """Show the state of a root, now or as it was, or how it came about.

    An installed package that declares the entry point angzarr.fold for the domain folds it; else
    the last value of every field that the events name is shown.

    \b
    angzarr state order/7f3a
    angzarr state order/7f3a --at 3
    angzarr state order/7f3a --at 2026-01-31T12:00:00Z
    angzarr state order/7f3a --diff
    angzarr -o json state inventory/key:SKU-1
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session.run(_state(session, root, at, diff=diff))


async def _state(session: Session, root: str, at: str, *, diff: bool) -> None:
    point = point_of(at)
    target = await resolve(root, session, fresh=uuid.UUID(int=0), writes=False)
    book = await read_book(session, target, point)
    if not book.pages:
        when = "had no events then" if at else "has no events"
        raise CliError(NOT_FOUND, f"{target} {when}.")
    fold = Folded(target.domain, Types(()))
    if diff:
        _show_changes(session, fold.changes(book, 0))
        return
    folded = fold.state(book)
    if session.form is Format.TABLE:
        _show(target, book.next_page_number, folded)
        return
    plain = {
        "schema": "angzarr.cli.state/1",
        "domain": target.domain,
        "root": str(target.value),
        "next_sequence": book.next_page_number,
        "state": folded,
    }
    click.echo(json.dumps(plain))


def _show(target: Root, following: int, folded: dict[str, Any]) -> None:
    click.echo(f"{target}  next seq {following}")
    for name, value in folded.items():
        click.echo(f"  {name}: {json.dumps(value)}")


def _show_changes(session: Session, changes: list[tuple[EventPage, dict[str, Any]]]) -> None:
    if session.form is not Format.TABLE:
        plain = (
            {"sequence": page.num, "type": page.type_name, "changes": fields}
            for page, fields in changes
        )
        items("state_diff", session.form, plain)
        return
    known, rows = dict[str, Any](), list[tuple[object, ...]]()
    for page, fields in changes:
        texts = [_change(name, known.get(name), after) for name, after in fields.items()]
        rows.append((page.num, page.type_name.rpartition(".")[2], "   ".join(texts)))
        known |= fields
    table(("SEQ", "EVENT", "CHANGE"), rows)


def _change(name: str, before: object, after: object) -> str:
    if before is None:
        return f"+ {name} {json.dumps(after)}"
    if after is None:
        return f"- {name} {json.dumps(before)}"
    return f"~ {name} {json.dumps(before)} -> {json.dumps(after)}"
