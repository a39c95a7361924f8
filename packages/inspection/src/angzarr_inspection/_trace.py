"""angzarr trace: every command, event and outcome of one workflow."""

from collections.abc import Iterator
from typing import Any

import click

from angzarr import rpc
from angzarr.types_pb2 import Cover, Query
from angzarr_inspection._subscriber import letters_of, progress
from angzarr_inspection._workflow import Command, Event, Reaction, Workflow
from angzarr_telemetry import printable
from angzarr_terminal import NOT_FOUND, CliError, Format, Session, items

LETTERS = {"saga": "S", "process_manager": "M", "projector": "P"}
STEP = "    "
WIDTH = 56


@click.command()
@click.argument("correlation")
@click.pass_obj
def trace(session: Session, correlation: str) -> None:
    """Show what one workflow did: commands, their events, and what followed from them.

    \b
    angzarr trace order-4711
    angzarr -o json trace order-4711
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    workflow = session.run(_workflow(session, correlation))
    if session.form is not Format.TABLE:
        return items("trace", session.form, list(_plain_all(workflow)))
    for command in workflow.roots():
        for line in _command(workflow, command, ""):
            click.echo(printable(line))
    return None


async def _workflow(session: Session, correlation: str) -> Workflow:
    query = Query(cover=Cover(correlation_id=correlation))
    books = await session.gather(rpc.EventQuery.GetEvents, query)
    if not any(book.pages for book in books):
        text = f'no event has the correlation id "{correlation}".'
        raise CliError(NOT_FOUND, text, then="angzarr stream tail")
    return Workflow(books, await progress(session, ""), await letters_of(session, ""))


def _command(workflow: Workflow, command: Command, indent: str) -> Iterator[str]:
    root = command.events[0].cover.root.hex[:8]
    yield f"{indent}[C] {command.id[:8]} -> {command.domain}/{root}"
    for event in command.events:
        yield from _event(workflow, event, indent + STEP)


def _event(workflow: Workflow, event: Event, indent: str) -> Iterator[str]:
    name = f"{indent}[E] {event.page.type_name.rpartition('.')[2]}"
    at = event.page.created_at.ToDatetime().strftime("%H:%M:%S.%f")[:-3]
    yield f"{name:<{WIDTH}} seq {event.page.num:<4} {at}"
    for reaction in workflow.reactions(event):
        yield from _reaction(workflow, reaction, indent + STEP)


def _reaction(workflow: Workflow, reaction: Reaction, indent: str) -> Iterator[str]:
    told = f"{indent}[{LETTERS[reaction.kind]}] {reaction.component}"
    if (letter := reaction.letter) is not None:
        yield f"{told}  parked: {letter.status.message}  angzarr deadletter show {letter.id}"
    else:
        yield told
    for event in reaction.events:
        yield from _event(workflow, event, indent + STEP)
    for command in reaction.commands:
        yield from _command(workflow, command, indent + STEP)


def _plain_all(workflow: Workflow) -> Iterator[dict[str, Any]]:
    for command in workflow.roots():
        yield from _plain(workflow, command.events, "", None)


def _plain(
    workflow: Workflow, events: tuple[Event, ...], component: str, because: Event | None
) -> Iterator[dict[str, Any]]:
    """Yield each event with who caused it, then what follows from it."""
    for event in events:
        yield {
            **_place(event),
            "position": str(event.page.position),
            "type": event.page.type_name,
            "created_at": event.page.created_at.ToJsonString(),
            "command_id": event.page.command_id,
            "component": component,
            "because": _place(because) if because else None,
            "parked": [
                {"component": it.component, "id": it.letter.id, "reason": it.letter.status.message}
                for it in workflow.reactions(event)
                if it.letter is not None
            ],
        }
        for it in workflow.reactions(event):
            yield from _plain(workflow, it.events, it.component, event)
            for command in it.commands:
                yield from _plain(workflow, command.events, it.component, event)


def _place(event: Event) -> dict[str, Any]:
    return {
        "domain": event.cover.domain,
        "root": str(event.cover.root.uuid),
        "edition": event.cover.edition_name,
        "sequence": event.page.num,
    }
