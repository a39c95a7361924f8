"""angzarr subscriber: how far sagas, process managers and projectors have come."""

from collections.abc import Sequence
from typing import Any

import click

from angzarr import dead_letter_pb2, progress_pb2, rpc
from angzarr.dead_letter_pb2 import DeadLetter, ListDeadLettersRequest
from angzarr.progress_pb2 import ComponentProgress, ListProgressRequest, SetPausedRequest
from angzarr_terminal import Format, Session, items, table

HEADER = ("COMPONENT", "KIND", "DOMAIN", "POS", "HEAD", "LAG", "PARKED", "STATE")
LETTERS = ("DOMAIN", "ROOT", "SEQ", "ATTEMPTS", "REASON")


@click.group()
def subscriber() -> None:
    """Show how far sagas, process managers and projectors have come; halt one, let it go on."""


@subscriber.command()
@click.argument("name")
@click.pass_obj
def pause(session: Session, name: str) -> None:
    """Let NAME take no further event; what it has begun ends, and a restart changes nothing.

    \b
    angzarr subscriber pause saga-order-inventory
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    _turned(session, name, paused=True)


@subscriber.command()
@click.argument("name")
@click.pass_obj
def resume(session: Session, name: str) -> None:
    """Let NAME go on where it was paused."""
    _turned(session, name, paused=False)


@subscriber.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List every subscription with its position, the head of the log and what is parked."""
    found = session.run(progress(session, ""))
    if session.form is Format.TABLE:
        return table(HEADER, map(_row, found))
    return items("subscriber_list", session.form, map(_plain, found))


@subscriber.command()
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show the subscriptions of one component, and the events that it has parked."""
    found, letters = session.run(_shown(session, name))
    if session.form is not Format.TABLE:
        plain = [{**_plain(it), "letters": _letters_of(it, letters)} for it in found]
        return items("subscriber_show", session.form, plain)
    table(HEADER, map(_row, found))
    if letters:
        click.echo()
        table(LETTERS, map(_letter, letters))
        click.echo(f"next: angzarr deadletter list --component {name}", err=True)
    return None


def _turned(session: Session, name: str, *, paused: bool) -> None:
    request = SetPausedRequest(component=name, paused=paused)
    reply = session.run(session.call(rpc.Progress.SetPaused, request))
    if session.form is not Format.TABLE:
        return items("subscriber_list", session.form, map(_plain, reply.entries))
    return table(HEADER, map(_row, reply.entries))


async def progress(session: Session, name: str) -> Sequence[ComponentProgress]:
    """Return where subscriptions stand: those of one component, or all."""
    reply = await session.call(rpc.Progress.List, ListProgressRequest(component=name))
    entries: Sequence[ComponentProgress] = reply.entries
    return entries


async def letters_of(session: Session, name: str) -> Sequence[DeadLetter]:
    """Return what is parked, page by page: by one component, or by all."""
    request = ListDeadLettersRequest(component=name)
    found: list[DeadLetter] = []
    while True:
        page = await session.call(rpc.DeadLetters.List, request)
        found += page.letters
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


async def _shown(
    session: Session, name: str
) -> tuple[Sequence[ComponentProgress], Sequence[DeadLetter]]:
    return await progress(session, name), await letters_of(session, name)


def _row(it: progress_pb2.ComponentProgress) -> tuple[object, ...]:
    lag = max(0, it.head - it.position)
    state = "paused" if it.paused else "running"
    place = (it.component, it.component_type, it.domain)
    return (*place, it.position, it.head, lag, it.parked, state)


def _plain(it: progress_pb2.ComponentProgress) -> dict[str, Any]:
    return {
        "component": it.component,
        "component_type": it.component_type,
        "domain": it.domain,
        "position": str(it.position),
        "head": str(it.head),
        "lag": str(max(0, it.head - it.position)),
        "parked": it.parked,
        "paused": it.paused,
    }


def _letter(it: dead_letter_pb2.DeadLetter) -> tuple[object, ...]:
    return (it.cover.domain, it.cover.root.hex[:8], it.sequence, it.attempts, it.status.message)


def _letters_of(
    it: progress_pb2.ComponentProgress, letters: Sequence[DeadLetter]
) -> list[dict[str, Any]]:
    return [
        {
            "id": letter.id,
            "root": str(letter.cover.root.uuid),
            "sequence": letter.sequence,
            "attempts": letter.attempts,
            "reason": letter.status.message,
        }
        for letter in letters
        if letter.cover.domain == it.domain
    ]
