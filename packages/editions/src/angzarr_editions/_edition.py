"""angzarr edition: named branches of history."""

import sys

import click

from angzarr import rpc
from angzarr.edition_pb2 import (
    CreateEditionRequest,
    CreateEditionResponse,
    DeleteEditionRequest,
    EditionInfo,
    ListEditionsRequest,
)
from angzarr_editions._difference import differences
from angzarr_editions._shown import show
from angzarr_terminal import FOUND, USAGE, CliError, Format, Session, items, point_of, table

HEADER = ("NAME", "CREATED", "DIVERGES", "DESCRIPTION")


@click.group()
def edition() -> None:
    """Make branches of history, compare them, delete them.

    \b
    angzarr edition create what-if --at 3
    angzarr edition diff main what-if
    """  # noqa: D301 - backslash-b keeps the lines of the example for click


@edition.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the editions by name; main is none."""
    found = session.run(_editions(session))
    if session.form is Format.TABLE:
        table(HEADER, [(it.name, it.created_at, it.point, it.description) for it in found])
    else:
        items("edition_list", session.form, [it.plain for it in found])


@edition.command()
@click.argument("name")
@click.option("--at", default="", metavar="SEQ|TIME", help="Where it leaves main; else now.")
@click.option("--description", default="", help="What it is for.")
@click.pass_obj
def create(session: Session, name: str, at: str, description: str) -> None:
    """Make an edition in every domain; again with the same options changes nothing."""
    made = session.run(_create(session, name, at, description))
    if session.form is Format.TABLE:
        click.echo(f"created  {made.name}  {made.created_at}")
        click.echo(f"next: angzarr --edition {made.name} send DOMAIN/ROOT COMMAND", err=True)
    else:
        plain = {"name": made.name, "created_at": made.created_at}
        items("edition_create", session.form, [plain])


@edition.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(session: Session, name: str, *, yes: bool) -> None:
    """Delete an edition and its events for ever; its name is never used again."""
    session.run(_drop(session, name, yes=yes))
    if session.form is Format.TABLE:
        click.echo(f"deleted  {name}")
    else:
        items("edition_drop", session.form, [{"name": name}])


@edition.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--proto", "modules", multiple=True, help="Python module with message types.")
@click.pass_context
def diff(ctx: click.Context, first: str, second: str, modules: tuple[str, ...]) -> None:
    """Show the roots on which two timelines differ, and how; exit code 10 says that some do."""
    session: Session = ctx.obj
    found = session.run(differences(session, (first, second), modules))
    show(session.form, found)
    if found:
        sys.exit(FOUND)


async def _editions(session: Session) -> list[EditionInfo]:
    found = await session.call(rpc.EditionService.ListEditions, ListEditionsRequest())
    return list(found.editions)


async def _create(session: Session, name: str, at: str, description: str) -> CreateEditionResponse:
    request = CreateEditionRequest(
        name=name, divergence_point=point_of(at), description=description
    )
    made: CreateEditionResponse = await session.call(rpc.EditionService.CreateEdition, request)
    return made


async def _drop(session: Session, name: str, *, yes: bool) -> None:
    if not yes:
        if not sys.stdin.isatty():
            text = f"deleting {name} cannot be undone: give --yes."
            raise CliError(USAGE, text, then=f"angzarr edition drop {name} --yes")
        if click.prompt(f"Type {name} to delete it for ever") != name:
            raise CliError(USAGE, "that is another name; nothing was deleted.")
    await session.call(rpc.EditionService.DeleteEdition, DeleteEditionRequest(name=name))
