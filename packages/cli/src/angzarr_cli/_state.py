"""angzarr state: what the events of a root add up to."""

import json
import uuid
from typing import Any

import click

from angzarr_cli._root import Root, read_book, resolve
from angzarr_cli._session import Session
from angzarr_payloads import Folded, Types
from angzarr_terminal import NOT_FOUND, CliError, Format, point_of


@click.command()
@click.argument("root", metavar="DOMAIN/ROOT")
@click.option("--at", default="", metavar="SEQ|TIME", help="State as of then.")
@click.pass_obj
def state(session: Session, root: str, at: str) -> None:
    """Show the state of a root, now or as it was.

    An installed package that declares the entry point angzarr.fold for the domain folds it; else
    the last value of every field that the events name is shown.

    \b
    angzarr state order/7f3a
    angzarr state order/7f3a --at 3
    angzarr state order/7f3a --at 2026-01-31T12:00:00Z
    angzarr -o json state inventory/key:SKU-1
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session.run(_state(session, root, at))


async def _state(session: Session, root: str, at: str) -> None:
    point = point_of(at)
    target = await resolve(root, session, fresh=uuid.UUID(int=0), writes=False)
    book = await read_book(session, target, point)
    if not book.pages:
        when = "had no events then" if at else "has no events"
        raise CliError(NOT_FOUND, f"{target} {when}.")
    folded = Folded(target.domain, Types(())).state(book)
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
